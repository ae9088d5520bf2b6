// Filters: suppression rules (they archive) and saved filters (they do nothing).
import {
  CreateFilterCommand,
  GetFilterCommand,
  ListFiltersCommand,
  type FindingCriteria,
  type GetFilterResponse,
  type GuardDutyClient,
} from "@aws-sdk/client-guardduty";

interface Place {
  client: GuardDutyClient;
  detectorId: string;
}

export async function listFilters({ client, detectorId }: Place, signal?: AbortSignal): Promise<GetFilterResponse[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListFiltersCommand({ DetectorId: detectorId, MaxResults: 50, NextToken: token }), {
      abortSignal: signal,
    });
    names.push(...(page.FilterNames ?? []));
    token = page.NextToken || undefined;
  } while (token);
  return Promise.all(
    names.map((name) => client.send(new GetFilterCommand({ DetectorId: detectorId, FilterName: name }), { abortSignal: signal })),
  );
}

export async function createFilter(
  { client, detectorId }: Place,
  name: string,
  description: string,
  criteria: FindingCriteria,
  suppress: boolean,
): Promise<void> {
  await client.send(
    new CreateFilterCommand({
      DetectorId: detectorId,
      Name: name,
      Description: description || undefined,
      FindingCriteria: criteria,
      Action: suppress ? "ARCHIVE" : "NOOP",
    }),
  );
}

/** What a name of a filter may be (GuardDuty API reference, CreateFilter). */
export const FILTER_NAME = /^[A-Za-z0-9._-]{3,64}$/;
