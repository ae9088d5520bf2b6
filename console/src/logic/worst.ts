// What to look at first: the resources with the most severe findings.
import type { Finding } from "@aws-sdk/client-guardduty";
import { resourceOf, type ResourceName } from "./resource";

export interface Trouble {
  resource: ResourceName;
  account: string;
  region: string;
  severity: number;
  /** The most severe first, then the latest. */
  findings: Finding[];
}

/** Samples say what a finding looks like, and begin so; they must not hide what is real. */
export const isSample = ({ Title }: Finding): boolean => Title?.startsWith("[SAMPLE] ") ?? false;

const seen = (finding: Finding): string => finding.Service?.EventLastSeen ?? finding.UpdatedAt ?? "";

/** Findings by resource: first what is most severe, then what has most of that severity, then the latest. */
export function troubles(findings: readonly Finding[]): Trouble[] {
  const by = new Map<string, Trouble>();
  for (const finding of findings) {
    const resource = resourceOf(finding);
    const { AccountId: account = "", Region: region = "", Severity: severity = 0 } = finding;
    // Findings without a resource have nothing in common.
    const key = JSON.stringify([account, region, resource.kind, resource.id || finding.Id]);
    const trouble = by.get(key) ?? { resource, account, region, severity: 0, findings: [] };
    trouble.severity = Math.max(trouble.severity, severity);
    trouble.findings.push(finding);
    by.set(key, trouble);
  }
  const all = [...by.values()];
  for (const trouble of all) {
    trouble.findings.sort((a, b) => (b.Severity ?? 0) - (a.Severity ?? 0) || (seen(a) < seen(b) ? 1 : -1));
  }
  const worst = ({ severity, findings: of }: Trouble) => of.filter((one) => one.Severity === severity).length;
  const latest = ({ findings: of }: Trouble) => of.map(seen).reduce((a, b) => (a > b ? a : b), "");
  return all.sort((a, b) => b.severity - a.severity || worst(b) - worst(a) || (latest(a) < latest(b) ? 1 : -1));
}
