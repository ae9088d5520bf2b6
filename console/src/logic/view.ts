// A view of findings, and its query. What reads a query back is apart: it knows every attribute, which only a list needs.
import { toRangeWord, type Range } from "./range";
import { toWord, type Token } from "./token";
import { query } from "./words";

/** What a view of findings shows. */
export interface View {
  tokens: Token[];
  tab: "current" | "archived" | "all";
  /** The attribute to sort by. */
  sort: string;
  descending: boolean;
  /** By what findings are grouped, if they are. */
  group?: "type" | "resource" | "account" | "severity";
  /** Only what is of this time. */
  range?: Range;
  /** The finding that is shown beside the list: its id, after its region where several are shown. */
  open?: string;
}

export const PLAIN: View = { tokens: [], tab: "current", sort: "updatedAt", descending: true };

/** The query of a view. What is as usual is not written. */
export function toSearch(view: View, region?: string): string {
  const all: string[] = [];
  if (region) all.push(`in=${region}`);
  if (view.tab !== PLAIN.tab) all.push(`tab=${view.tab}`);
  if (view.group) all.push(`group=${view.group}`);
  if (view.sort !== PLAIN.sort || view.descending !== PLAIN.descending) {
    all.push(`sort=${view.descending ? "-" : ""}${view.sort}`);
  }
  if (view.range) all.push(toRangeWord(view.range));
  if (view.open) all.push(`open=${view.open}`);
  return query([...all, ...view.tokens.map(toWord)]);
}
