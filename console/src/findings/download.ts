// Findings as a file.
import type { Finding } from "@aws-sdk/client-guardduty";
import { toCsv } from "../logic/csv";
import { escaped } from "../logic/visible";

/** So many findings are exported at once: beyond, `aws guardduty` or `picquet scan --output` serve better. */
export const MOST_EXPORTED = 10_000;

/** Findings as a table for spreadsheets. A byte order mark tells them that it is UTF-8. */
export function downloadCsv(findings: readonly Finding[], now: Date): void {
  downloadTable(toCsv(findings), now);
}

/** A table that is written already. */
export function downloadTable(csv: string, now: Date): void {
  save(["\ufeff", csv], "text/csv", "csv", now);
}

/** Findings as an array, in the format that the ending names. */
export function downloadJson(findings: readonly object[], ending: "json" | "ocsf.json" | "asff.json", now: Date): void {
  save([`${escaped(JSON.stringify(findings, null, 2))}\n`], "application/json", ending, now);
}

function save(parts: string[], type: string, ending: string, now: Date): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = `findings-${now.toISOString().slice(0, 19).replaceAll(":", "")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
