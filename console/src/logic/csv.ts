// Findings as CSV (RFC 4180) that a spreadsheet can open without running what an attacker wrote into a log.
import type { Finding } from "@aws-sdk/client-guardduty";
import { resourceOf } from "./resource";
import { remoteOf } from "./actor";
import { severityName } from "./severity";
import { visible } from "./visible";

/** What spreadsheets take for a formula at the start of a cell (OWASP, "CSV Injection"). */
const FORMULA = /^\s*[=+\-@\t\r\n|%＝＋－＠]/;

/** One cell. A text that looks like a formula begins with an apostrophe, and hidden characters are written out. */
export function cell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const shown = visible(value);
  const safe = FORMULA.test(value) ? `'${shown}` : shown;
  return /[",\r\n;\t]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A name, and what stands below it. */
export type Column<T> = readonly [string, (row: T) => string | number | undefined];

const COLUMNS: readonly Column<Finding>[] = [
  ["id", (f) => f.Id],
  ["severity", (f) => f.Severity],
  ["severity_name", (f) => severityName(f.Severity ?? 0)],
  ["type", (f) => f.Type],
  ["title", (f) => f.Title],
  ["account", (f) => f.AccountId],
  ["region", (f) => f.Region],
  ["resource_type", (f) => f.Resource?.ResourceType],
  ["resource", (f) => resourceOf(f).id],
  ["remote_address", (f) => remoteOf(f)?.IpAddressV4 ?? remoteOf(f)?.IpAddressV6],
  ["remote_country", (f) => remoteOf(f)?.Country?.CountryName],
  ["count", (f) => f.Service?.Count],
  ["first_seen", (f) => f.Service?.EventFirstSeen],
  ["last_seen", (f) => f.Service?.EventLastSeen],
  ["updated_at", (f) => f.UpdatedAt],
  ["archived", (f) => String(f.Service?.Archived ?? false)],
  ["description", (f) => f.Description],
];

/** The lines of a table, with a head. Lines end as RFC 4180 has it. */
export function toTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const head = columns.map(([name]) => name).join(",");
  const lines = rows.map((row) => columns.map(([, of]) => cell(of(row))).join(","));
  return [head, ...lines, ""].join("\r\n");
}

/** Findings as a table. */
export const toCsv = (findings: readonly Finding[]): string => toTable(COLUMNS, findings);
