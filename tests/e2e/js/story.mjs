// The main story through the JavaScript SDK, configured by the environment alone. Prints what it saw as JSON.
import {
  ArchiveFindingsCommand, CreateDetectorCommand, CreateFilterCommand, CreateThreatIntelSetCommand, DeleteDetectorCommand,
  GetDetectorCommand, GetFindingsCommand, GetFindingsStatisticsCommand, GetThreatIntelSetCommand, GuardDutyClient,
  ListDetectorsCommand, ListTagsForResourceCommand, paginateListFindings, TagResourceCommand, UntagResourceCommand,
  UpdateFindingsFeedbackCommand,
} from "@aws-sdk/client-guardduty";
import { execFileSync } from "node:child_process";

const client = new GuardDutyClient({});
const seen = {};
const { DetectorId } = await client.send(new CreateDetectorCommand({ Enable: true, Tags: { team: "red" } }));
const { Location, SCAN, ACCOUNT } = process.env;
const set = { DetectorId, Name: "bad", Format: "TXT", Location, Activate: true };
const { ThreatIntelSetId } = await client.send(new CreateThreatIntelSetCommand(set));
for (;;) {
  seen.list = (await client.send(new GetThreatIntelSetCommand({ DetectorId, ThreatIntelSetId }))).Status;
  if (seen.list !== "ACTIVATING") break;
  await new Promise((done) => setTimeout(done, 50));
}
const rule = { severity: { LessThan: 4 } };
const filter = { DetectorId, Name: "low", Action: "ARCHIVE", FindingCriteria: { Criterion: rule } };
await client.send(new CreateFilterCommand(filter));
execFileSync("/bin/sh", ["-c", SCAN], { stdio: ["ignore", "ignore", "inherit"] });

async function ids(Criterion) {
  const all = [];
  const input = { DetectorId, FindingCriteria: { Criterion }, SortCriteria: { AttributeName: "severity", OrderBy: "DESC" } };
  for await (const page of paginateListFindings({ client, pageSize: 5 }, input)) all.push(...page.FindingIds);
  return all;
}

const current = await ids({ "service.archived": { Equals: ["false"] } });
seen.current = current.length;
seen.suppressed = (await ids({ "service.archived": { Equals: ["true"] } })).length;
const first = await client.send(new GetFindingsCommand({ DetectorId, FindingIds: current.slice(0, 1) }));
seen.severity = first.Findings[0].Severity;
seen.updatedAt = first.Findings[0].UpdatedAt;
await client.send(new ArchiveFindingsCommand({ DetectorId, FindingIds: current.slice(0, 1) }));
await client.send(new UpdateFindingsFeedbackCommand({ DetectorId, FindingIds: current.slice(0, 1), Feedback: "USEFUL" }));
seen.afterArchive = (await ids({ "service.archived": { Equals: ["false"] } })).length;
const byDate = await client.send(new GetFindingsStatisticsCommand({ DetectorId, GroupBy: "DATE" }));
seen.dates = byDate.FindingStatistics.GroupedByDate.every((group) => group.Date instanceof Date);
const ResourceArn = `arn:aws:guardduty:us-east-1:${ACCOUNT}:detector/${DetectorId}`;
await client.send(new TagResourceCommand({ ResourceArn, Tags: { "a.b": "c d" } }));
await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["team"] }));
seen.tags = (await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;
await client.send(new DeleteDetectorCommand({ DetectorId }));
try {
  await client.send(new GetDetectorCommand({ DetectorId }));
} catch (error) {
  seen.error = { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}
seen.left = (await client.send(new ListDetectorsCommand({}))).DetectorIds;
console.log(JSON.stringify(seen));
