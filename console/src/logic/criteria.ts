// Filters of findings in their three forms: the tokens that are shown, the words of an address, the API's criteria.
import type { Condition, FindingCriteria } from "@aws-sdk/client-guardduty";
import { attribute, kindOf } from "./attributes";
import type { Operator, Token } from "./token";

/** The longest operator comes first, so that `>=` is not read as `>` and a value that begins with `=`. */
const OPERATORS: readonly Operator[] = ["!=", "!:", ">=", "<=", "=", ":", ">", "<"];
/** Values of one attribute and operator (GuardDuty user guide, "Filtering findings"). */
const MOST_VALUES = 50;

/** What is wrong with a token; nothing when it can be asked. */
export function fault(token: Token): string | undefined {
  const known = attribute(token.path) ?? (token.path.startsWith("service.additionalInfo.") ? token : undefined);
  if (!known) return `Findings have no attribute "${token.path}".`;
  if (token.value === "") return `"${token.path}" needs a value.`;
  if (isOrder(token.operator) && Number.isNaN(numberOf(token))) {
    const wanted = kindOf(token.path) === "time" ? "a time, such as 2026-01-31 or 2026-01-31T12:00:00Z" : "a number";
    return `"${token.path}" ${token.operator} needs ${wanted}.`;
  }
  return undefined;
}

const isOrder = (operator: Operator) => operator.startsWith(">") || operator.startsWith("<");

function numberOf(token: Token): number {
  const number = Number(token.value);
  if (kindOf(token.path) !== "time" || !Number.isNaN(number)) return number;
  return Date.parse(token.value);
}

/** The API's criteria. Several `=` of one attribute are alternatives, as the API has them; all else must hold together. */
export function toCriteria(tokens: readonly Token[], archived?: boolean): FindingCriteria {
  const criterion: Record<string, Condition> = {};
  for (const token of tokens) {
    if (fault(token)) continue;
    const condition = (criterion[token.path] ??= {});
    switch (token.operator) {
      case "=":
        condition.Equals = [...(condition.Equals ?? []), token.value].slice(0, MOST_VALUES);
        break;
      case "!=":
        condition.NotEquals = [...(condition.NotEquals ?? []), token.value].slice(0, MOST_VALUES);
        break;
      case ":":
        condition.Matches = [...(condition.Matches ?? []), token.value].slice(0, MOST_VALUES);
        break;
      case "!:":
        condition.NotMatches = [...(condition.NotMatches ?? []), token.value].slice(0, MOST_VALUES);
        break;
      // Of two bounds the stricter one holds.
      case ">=":
        condition.GreaterThanOrEqual = Math.max(condition.GreaterThanOrEqual ?? -Infinity, numberOf(token));
        break;
      case "<=":
        condition.LessThanOrEqual = Math.min(condition.LessThanOrEqual ?? Infinity, numberOf(token));
        break;
      case ">":
        condition.GreaterThan = Math.max(condition.GreaterThan ?? -Infinity, numberOf(token));
        break;
      case "<":
        condition.LessThan = Math.min(condition.LessThan ?? Infinity, numberOf(token));
        break;
    }
  }
  if (archived !== undefined) criterion["service.archived"] = { Equals: [String(archived)] };
  return { Criterion: criterion };
}

/** The tokens of criteria, whichever of the API's two spellings they have, without those on `service.archived`. */
export function fromCriteria(criteria: FindingCriteria | undefined): Token[] {
  const tokens: Token[] = [];
  for (const [path, condition] of Object.entries(criteria?.Criterion ?? {})) {
    if (path === "service.archived") continue;
    const texts = (operator: Operator, ...lists: (string[] | undefined)[]) =>
      lists.flatMap((list) => list ?? []).forEach((value) => tokens.push({ path, operator, value }));
    const bounds = (operator: Operator, ...numbers: (number | undefined)[]) =>
      numbers.forEach((n) => n !== undefined && tokens.push({ path, operator, value: shown(path, n) }));
    texts("=", condition.Equals, condition.Eq);
    texts("!=", condition.NotEquals, condition.Neq);
    texts(":", condition.Matches);
    texts("!:", condition.NotMatches);
    bounds(">=", condition.GreaterThanOrEqual, condition.Gte);
    bounds("<=", condition.LessThanOrEqual, condition.Lte);
    bounds(">", condition.GreaterThan, condition.Gt);
    bounds("<", condition.LessThan, condition.Lt);
  }
  return tokens;
}

function shown(path: string, number: number): string {
  const time = kindOf(path) === "time" ? new Date(number) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : String(number);
}

/** The token of a word; nothing when it is none. */
export function fromWord(word: string): Token | undefined {
  const path = /^[A-Za-z0-9.]+/.exec(word)?.[0];
  if (!path) return undefined;
  const rest = word.slice(path.length);
  const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
  return operator && { path, operator, value: rest.slice(operator.length) };
}
