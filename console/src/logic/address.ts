// The state of a view as the query of its address, in words that a person can read: ?in=eu-west-1&severity>=7&sort=-severity
import { fault, fromWord, toWord, type Token } from "./criteria";

/** What a view of findings shows. */
export interface View {
  tokens: Token[];
  tab: "current" | "archived" | "all";
  /** The attribute to sort by. */
  sort: string;
  descending: boolean;
  /** By what findings are grouped, if they are. */
  group?: "type" | "resource" | "account" | "severity";
}

export const PLAIN: View = { tokens: [], tab: "current", sort: "updatedAt", descending: true };

const TABS = ["current", "archived", "all"] as const;
const GROUPS = ["type", "resource", "account", "severity"] as const;

/** `+` stays a plus: addresses are written by us and by people, not by forms. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a person may write as it is in a query; everything else is percent-encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|3D|21|2C|3E|3C)/g, (code) => decodeURIComponent(code));
}

/** The words of a query, decoded. */
export function words(search: string): string[] {
  return search.replace(/^\?/, "").split("&").filter(Boolean).map(decode);
}

export function query(all: readonly string[]): string {
  return all.length ? `?${all.map(encode).join("&")}` : "";
}

/** One word's value, such as that of `in=eu-west-1`. */
export function value(search: string, name: string): string | undefined {
  return words(search)
    .find((word) => word.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** A query with a word set, or taken out. */
export function withValue(search: string, name: string, value: string | undefined): string {
  const others = words(search).filter((word) => !word.startsWith(`${name}=`));
  return query(value === undefined ? others : [`${name}=${value}`, ...others]);
}

/** A view from its query; what is not understood is told. `in` is the region, which is the shell's. */
export function fromSearch(search: string): { view: View; faults: string[] } {
  const view: View = { ...PLAIN, tokens: [] };
  const faults: string[] = [];
  for (const word of words(search)) {
    const [name = "", ...rest] = word.split("=");
    const value = rest.join("=");
    const one = <T extends string>(of: readonly T[]): T | undefined => of.find((known) => known === value);
    if (name === "in") continue;
    if (name === "tab" && one(TABS)) view.tab = one(TABS) ?? "current";
    else if (name === "group" && one(GROUPS)) view.group = one(GROUPS);
    else if (name === "sort" && /^-?[A-Za-z0-9.]+$/.test(value)) {
      view.descending = value.startsWith("-");
      view.sort = value.replace(/^-/, "");
    } else {
      const token = fromWord(word);
      const wrong = token ? fault(token) : `"${word.slice(0, 100)}" is no filter.`;
      if (token && !wrong) view.tokens.push(token);
      else if (wrong) faults.push(wrong);
    }
  }
  return { view, faults };
}

/** The query of a view. What is as usual is not written. */
export function toSearch(view: View, region?: string): string {
  const all: string[] = [];
  if (region) all.push(`in=${region}`);
  if (view.tab !== PLAIN.tab) all.push(`tab=${view.tab}`);
  if (view.group) all.push(`group=${view.group}`);
  if (view.sort !== PLAIN.sort || view.descending !== PLAIN.descending) {
    all.push(`sort=${view.descending ? "-" : ""}${view.sort}`);
  }
  return query([...all, ...view.tokens.map(toWord)]);
}
