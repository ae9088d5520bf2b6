// One test of one attribute of findings.
import type { FindingCriteria } from "@aws-sdk/client-guardduty";

export type Operator = "=" | "!=" | ":" | "!:" | ">=" | "<=" | ">" | "<";

/** One test of one attribute, as it is shown. Values of `:` may have `*` and `?`. */
export interface Token {
  path: string;
  operator: Operator;
  value: string;
}

/** A token as a word of an address: `severity>=7`. */
export function toWord(token: Token): string {
  return `${token.path}${token.operator}${token.value}`;
}

/** The criteria of what is current, and nothing else. */
export const CURRENT: FindingCriteria = { Criterion: { "service.archived": { Equals: ["false"] } } };
