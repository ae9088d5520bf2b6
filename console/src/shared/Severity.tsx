import Badge from "@cloudscape-design/components/badge";
import { severityName, type SeverityName } from "../logic/severity";

const COLORS = {
  Critical: "severity-critical",
  High: "severity-high",
  Medium: "severity-medium",
  Low: "severity-low",
} as const;

/** The word, in its colour. */
export function Severity({ value }: { value: number | undefined }) {
  const name = severityName(value ?? 0);
  return <SeverityBadge name={name} />;
}

export function SeverityBadge({ name }: { name: SeverityName }) {
  return <Badge color={COLORS[name]}>{name}</Badge>;
}
