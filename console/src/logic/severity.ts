// Severities by name (GuardDuty user guide, "Severity levels of GuardDuty findings").
export const SEVERITIES = ["Critical", "High", "Medium", "Low"] as const;
export type SeverityName = (typeof SEVERITIES)[number];

const FROM: Record<SeverityName, number> = { Critical: 9, High: 7, Medium: 4, Low: 0 };

export function severityName(severity: number): SeverityName {
  return SEVERITIES.find((name) => severity >= FROM[name]) ?? "Low";
}

/** The words of a filter for a severity. */
export function severityWords(name: SeverityName): string[] {
  const above = SEVERITIES[SEVERITIES.indexOf(name) - 1];
  return [`severity>=${FROM[name]}`, ...(above ? [`severity<${FROM[above]}`] : [])];
}
