// The four kinds of lists, behind one face: the API has the same five operations for each.
import {
  CreateIPSetCommand,
  CreateThreatEntitySetCommand,
  CreateThreatIntelSetCommand,
  CreateTrustedEntitySetCommand,
  DeleteIPSetCommand,
  DeleteThreatEntitySetCommand,
  DeleteThreatIntelSetCommand,
  DeleteTrustedEntitySetCommand,
  GetIPSetCommand,
  GetThreatEntitySetCommand,
  GetThreatIntelSetCommand,
  GetTrustedEntitySetCommand,
  ListIPSetsCommand,
  ListThreatEntitySetsCommand,
  ListThreatIntelSetsCommand,
  ListTrustedEntitySetsCommand,
  UpdateIPSetCommand,
  UpdateThreatEntitySetCommand,
  UpdateThreatIntelSetCommand,
  UpdateTrustedEntitySetCommand,
  type GuardDutyClient,
  type IpSetFormat,
} from "@aws-sdk/client-guardduty";

export type ListKind = "ThreatEntitySet" | "TrustedEntitySet" | "ThreatIntelSet" | "IPSet";

export const KINDS: Record<ListKind, { name: string; what: string }> = {
  ThreatEntitySet: { name: "Threat entities", what: "addresses and domains that raise findings" },
  TrustedEntitySet: { name: "Trusted entities", what: "addresses and domains that never raise findings" },
  ThreatIntelSet: { name: "Threat IPs", what: "addresses that raise findings" },
  IPSet: { name: "Trusted IPs", what: "addresses that never raise findings" },
};

/** The API's formats. */
export const FORMATS = ["TXT", "STIX", "OTX_CSV", "ALIEN_VAULT", "PROOF_POINT", "FIRE_EYE"] as const;

export interface ListRow {
  kind: ListKind;
  id: string;
  name: string;
  format: string;
  location: string;
  status: string;
  error?: string;
  updatedAt?: Date;
}

interface Place {
  client: GuardDutyClient;
  detectorId: string;
}

interface NewList {
  name: string;
  format: IpSetFormat;
  location: string;
}

interface Got {
  Name?: string;
  Format?: string;
  Location?: string;
  Status?: string;
  ErrorDetails?: string;
  UpdatedAt?: Date;
}

/** The operations of a kind. */
interface Operations {
  ids: (place: Place, token?: string) => Promise<{ ids: string[]; next?: string }>;
  get: (place: Place, id: string) => Promise<Got>;
  create: (place: Place, list: NewList) => Promise<unknown>;
  activate: (place: Place, id: string, active: boolean) => Promise<unknown>;
  remove: (place: Place, id: string) => Promise<unknown>;
}

const input = ({ name, format, location }: NewList, DetectorId: string) => ({ DetectorId, Name: name, Format: format, Location: location, Activate: true });

const OPERATIONS: Record<ListKind, Operations> = {
  IPSet: {
    ids: async ({ client, detectorId: DetectorId }, NextToken) => {
      const page = await client.send(new ListIPSetsCommand({ DetectorId, NextToken, MaxResults: 50 }));
      return { ids: page.IpSetIds ?? [], next: page.NextToken };
    },
    get: ({ client, detectorId: DetectorId }, IpSetId) => client.send(new GetIPSetCommand({ DetectorId, IpSetId })),
    create: ({ client, detectorId }, list) => client.send(new CreateIPSetCommand(input(list, detectorId))),
    activate: ({ client, detectorId: DetectorId }, IpSetId, Activate) => client.send(new UpdateIPSetCommand({ DetectorId, IpSetId, Activate })),
    remove: ({ client, detectorId: DetectorId }, IpSetId) => client.send(new DeleteIPSetCommand({ DetectorId, IpSetId })),
  },
  ThreatIntelSet: {
    ids: async ({ client, detectorId: DetectorId }, NextToken) => {
      const page = await client.send(new ListThreatIntelSetsCommand({ DetectorId, NextToken, MaxResults: 50 }));
      return { ids: page.ThreatIntelSetIds ?? [], next: page.NextToken };
    },
    get: ({ client, detectorId: DetectorId }, ThreatIntelSetId) => client.send(new GetThreatIntelSetCommand({ DetectorId, ThreatIntelSetId })),
    create: ({ client, detectorId }, list) => client.send(new CreateThreatIntelSetCommand(input(list, detectorId))),
    activate: ({ client, detectorId: DetectorId }, ThreatIntelSetId, Activate) =>
      client.send(new UpdateThreatIntelSetCommand({ DetectorId, ThreatIntelSetId, Activate })),
    remove: ({ client, detectorId: DetectorId }, ThreatIntelSetId) => client.send(new DeleteThreatIntelSetCommand({ DetectorId, ThreatIntelSetId })),
  },
  ThreatEntitySet: {
    ids: async ({ client, detectorId: DetectorId }, NextToken) => {
      const page = await client.send(new ListThreatEntitySetsCommand({ DetectorId, NextToken, MaxResults: 50 }));
      return { ids: page.ThreatEntitySetIds ?? [], next: page.NextToken };
    },
    get: ({ client, detectorId: DetectorId }, ThreatEntitySetId) => client.send(new GetThreatEntitySetCommand({ DetectorId, ThreatEntitySetId })),
    create: ({ client, detectorId }, list) => client.send(new CreateThreatEntitySetCommand(input(list, detectorId))),
    activate: ({ client, detectorId: DetectorId }, ThreatEntitySetId, Activate) =>
      client.send(new UpdateThreatEntitySetCommand({ DetectorId, ThreatEntitySetId, Activate })),
    remove: ({ client, detectorId: DetectorId }, ThreatEntitySetId) => client.send(new DeleteThreatEntitySetCommand({ DetectorId, ThreatEntitySetId })),
  },
  TrustedEntitySet: {
    ids: async ({ client, detectorId: DetectorId }, NextToken) => {
      const page = await client.send(new ListTrustedEntitySetsCommand({ DetectorId, NextToken, MaxResults: 50 }));
      return { ids: page.TrustedEntitySetIds ?? [], next: page.NextToken };
    },
    get: ({ client, detectorId: DetectorId }, TrustedEntitySetId) => client.send(new GetTrustedEntitySetCommand({ DetectorId, TrustedEntitySetId })),
    create: ({ client, detectorId }, list) => client.send(new CreateTrustedEntitySetCommand(input(list, detectorId))),
    activate: ({ client, detectorId: DetectorId }, TrustedEntitySetId, Activate) =>
      client.send(new UpdateTrustedEntitySetCommand({ DetectorId, TrustedEntitySetId, Activate })),
    remove: ({ client, detectorId: DetectorId }, TrustedEntitySetId) => client.send(new DeleteTrustedEntitySetCommand({ DetectorId, TrustedEntitySetId })),
  },
};

async function ofKind(place: Place, kind: ListKind): Promise<ListRow[]> {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const page = await OPERATIONS[kind].ids(place, token);
    ids.push(...page.ids);
    token = page.next || undefined;
  } while (token);
  return Promise.all(
    ids.map(async (id) => {
      const got = await OPERATIONS[kind].get(place, id);
      return {
        kind,
        id,
        name: got.Name ?? "",
        format: got.Format ?? "",
        location: got.Location ?? "",
        status: got.Status ?? "",
        error: got.ErrorDetails,
        updatedAt: got.UpdatedAt,
      };
    }),
  );
}

export async function allLists(place: Place): Promise<ListRow[]> {
  return (await Promise.all((Object.keys(KINDS) as ListKind[]).map((kind) => ofKind(place, kind)))).flat();
}

export const createList = (place: Place, kind: ListKind, list: NewList) => OPERATIONS[kind].create(place, list);
export const activateList = (place: Place, row: ListRow, active: boolean) => OPERATIONS[row.kind].activate(place, row.id, active);
export const removeList = (place: Place, row: ListRow) => OPERATIONS[row.kind].remove(place, row.id);
