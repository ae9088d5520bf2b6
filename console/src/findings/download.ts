// Findings as a file.
import type { Finding } from "@aws-sdk/client-guardduty";
import { toCsv } from "../logic/csv";
import { escaped } from "../logic/visible";

/** So many findings are exported at once: beyond, `aws guardduty` or `picquet scan --output` serve better. */
export const MOST_EXPORTED = 10_000;

export function download(findings: readonly Finding[], format: "json" | "csv", now: Date): void {
  const text = format === "csv" ? toCsv(findings) : `${escaped(JSON.stringify(findings, null, 2))}\n`;
  // A byte order mark tells spreadsheets that it is UTF-8.
  const blob = new Blob(format === "csv" ? ["\ufeff", text] : [text], { type: format === "csv" ? "text/csv" : "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `findings-${now.toISOString().slice(0, 19).replaceAll(":", "")}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
