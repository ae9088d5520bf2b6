import type { Hunt } from "../logic/hunts";
import { SEVERITIES } from "../logic/severity";
import { SeverityBadge } from "../shared/Severity";

/** How many findings there are of each severity. */
export function BySeverity({ findings }: { findings: NonNullable<Hunt["findings"]> }) {
  const all = SEVERITIES.filter((name) => (findings.bySeverity[name] ?? 0) > 0);
  if (all.length === 0) return <>{findings.total === 0 ? "No findings" : findings.total.toLocaleString("en")}</>;
  return (
    <ul className="severities">
      {all.map((name) => (
        <li key={name} className="whole"><SeverityBadge name={name} /> {findings.bySeverity[name]?.toLocaleString("en")}</li>
      ))}
    </ul>
  );
}
