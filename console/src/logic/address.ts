// The state of a view of findings as the query of its address.
import { fault, fromWord } from "./criteria";
import { clockOf, fromRangeWord } from "./range";
import { PLAIN, type View } from "./view";
import { words } from "./words";

const TABS = ["current", "archived", "all"] as const;
const GROUPS = ["type", "resource", "account", "severity"] as const;
/** A region and an id, or an id. */
const OPEN = /^(?:[a-z0-9-]{1,30}\/)?[0-9A-Za-z-]{1,64}$/;

/** A view from its query; what is not understood is told. `in` is the region, which is the shell's. */
export function fromSearch(search: string): { view: View; faults: string[] } {
  const view: View = { ...PLAIN, tokens: [] };
  const faults: string[] = [];
  for (const word of words(search)) {
    const [name = "", ...rest] = word.split("=");
    const value = rest.join("=");
    const one = <T extends string>(of: readonly T[]): T | undefined => of.find((known) => known === value);
    const clock = word.includes("=") ? clockOf(name) : undefined;
    const range = clock && fromRangeWord(clock, value);
    if (name === "in") continue;
    if (clock && view.range) faults.push("Only one range of time can hold at once.");
    else if (range) view.range = range;
    else if (clock) faults.push(`"${word.slice(0, 100)}" is no range of time, such as ${name}=7d or ${name}=2026-01-01/2026-01-31.`);
    else if (name === "open" && OPEN.test(value)) view.open = value;
    else if (name === "tab" && one(TABS)) view.tab = one(TABS) ?? "current";
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
