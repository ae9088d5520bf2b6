// Exports findings: those that are selected, else all of the question.
import type { Finding } from "@aws-sdk/client-guardduty";
import { useFlash } from "../app/flash";
import { useScope } from "../app/region";
import type { Asked } from "../api/findings";
import { formatted } from "../api/formatted";
import { allFindings } from "../api/places";
import { exported } from "../logic/exported";
import { downloadCsv, downloadJson, MOST_EXPORTED } from "./download";

export const FORMATS = [
  { id: "json", text: "JSON" },
  { id: "csv", text: "CSV" },
  { id: "ocsf", text: "OCSF" },
  { id: "asff", text: "ASFF (Security Hub)" },
] as const;
export type ExportFormat = (typeof FORMATS)[number]["id"];

export const isFormat = (id: string): id is ExportFormat => FORMATS.some((format) => format.id === id);

export function useExport(asked: Asked, selected: readonly Finding[]): (format: ExportFormat) => Promise<void> {
  const { places } = useScope();
  const { tell, fail } = useFlash();
  return async (format) => {
    const id = "export";
    const progress = (what: string) => (n: number) => tell({ id, type: "in-progress", text: `${what}: ${n.toLocaleString("en")} findings` });
    try {
      const { findings, more } =
        selected.length > 0 ? { findings: [...selected], more: false } : await allFindings(places, asked, MOST_EXPORTED, progress("Exporting"));
      let written = findings.length;
      if (format === "csv") downloadCsv(findings, new Date());
      else if (format === "json") downloadJson(findings, "json", new Date());
      else {
        const all = await formatted(places, findings, format, progress(`Writing ${format.toUpperCase()}`));
        written = all.length;
        downloadJson(all, `${format}.json`, new Date());
      }
      tell({ id, ...exported(findings.length, written, more, MOST_EXPORTED) });
    } catch (error) {
      fail("The export failed", error);
    }
  };
}
