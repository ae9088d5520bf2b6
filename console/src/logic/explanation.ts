// The explanation of a finding: it travels as JSON in service.additionalInfo.value, since clients drop other members.
import type { Finding } from "@aws-sdk/client-guardduty";

export interface Observation {
  name: string;
  observed: string;
  /** The limit or the usual value that it was held against. */
  against?: string;
}

export interface Explanation {
  detector: string;
  why: string;
  observations: Observation[];
  /** What else the value says, for the raw view. */
  others: Record<string, unknown>;
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** The explanation, if there is one: findings of other origins (samples, imports) may have none, or something else. */
export function explanationOf(finding: Finding): Explanation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(finding.Service?.AdditionalInfo?.Value ?? "null");
  } catch {
    return undefined;
  }
  const { picquet, ...others } = record(value) ?? {};
  const ours = record(picquet);
  const why = text(ours?.why);
  if (!ours || !why) return undefined;
  const list = Array.isArray(ours.observations) ? ours.observations : [];
  const observations = list.flatMap((one): Observation[] => {
    const of = record(one);
    const [name, observed] = [text(of?.name), text(of?.observed)];
    return name !== undefined && observed !== undefined ? [{ name, observed, against: text(of?.against) }] : [];
  });
  return { detector: text(ours.detector) ?? "", why, observations, others };
}

/** A pair that a chart can show: what was observed beside what it was held against. */
export interface Comparison {
  name: string;
  observed: number;
  against: number;
  /** As it was written. */
  label: string;
}

/** The first number of a text: "20 or more", "1,234 bytes". Dates and addresses are none. */
export function leadingNumber(text: string): number | undefined {
  const found = /^(?:[a-z]+ ){0,3}(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?![\d.:/\-T])/i.exec(text.trim());
  return found?.[1] === undefined ? undefined : Number(found[1].replaceAll(",", ""));
}

/** Observations that can be drawn. */
export function comparisons(explanation: Explanation): Comparison[] {
  return explanation.observations.flatMap(({ name, observed, against }) => {
    const [one, other] = [leadingNumber(observed), against === undefined ? undefined : leadingNumber(against)];
    return one === undefined || other === undefined ? [] : [{ name, observed: one, against: other, label: against ?? "" }];
  });
}
