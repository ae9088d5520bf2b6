// The findings of a hunt as a table for spreadsheets.
import { toTable, type Column } from "./csv";
import { severityName } from "./severity";
import type { Found } from "./hunts";

const COLUMNS: readonly Column<Found>[] = [
  ["id", (f) => f.id],
  ["severity", (f) => f.severity],
  ["severity_name", (f) => severityName(f.severity)],
  ["type", (f) => f.type],
  ["title", (f) => f.title],
  ["account", (f) => f.accountId],
  ["region", (f) => f.region],
  ["resource", (f) => f.resource ?? undefined],
  ["count", (f) => f.count],
  ["first_seen", (f) => f.firstSeen],
  ["last_seen", (f) => f.lastSeen],
  ["in_the_detector", (f) => f.live.state],
];

export const briefsCsv = (findings: readonly Found[]): string => toTable(COLUMNS, findings);
