// The findings of a view, page by page: the API goes forward only, so the tokens of the pages before are kept.
import { useEffect, useMemo, useState } from "react";
import { useScope } from "../app/region";
import { findingsOf, type Cursor } from "../api/places";
import { useQuery } from "../api/useQuery";
import { toCriteria } from "../logic/criteria";
import { isRelative, rangeTokens, toRangeWord } from "../logic/range";
import { toWord } from "../logic/token";
import type { View } from "../logic/view";
import { remember } from "./steps";

export function useFindings(view: View) {
  const { places } = useScope();
  const archived = view.tab === "all" ? undefined : view.tab === "archived";
  // "The last hour" ends when it is asked for: its bound moves when the list is loaded again, not while it is read.
  const [turn, setTurn] = useState(0);
  const range = view.range && toRangeWord(view.range);
  const bounds = useMemo(() => rangeTokens(view.range, new Date()), [range, turn]);
  const words = view.tokens.map(toWord).join("&");
  const criteria = useMemo(() => toCriteria([...view.tokens, ...bounds], archived), [words, bounds, archived]);
  const asked = useMemo(() => ({ criteria, sort: view.sort, descending: view.descending }), [criteria, view.sort, view.descending]);
  const question = JSON.stringify(asked);
  const [pages, setPages] = useState<{ question: string; tokens: (Cursor[] | undefined)[]; at: number }>({ question, tokens: [undefined], at: 0 });
  const current = pages.question === question ? pages : { question, tokens: [undefined], at: 0 };
  const query = useQuery(view.group ? undefined : `${question}/${current.at}`, (signal) =>
    findingsOf(places, asked, current.tokens[current.at], signal),
  );
  const next = query.data?.next;
  const show = (at: number) => {
    const tokens = [...current.tokens];
    if (next && at === current.at + 1) tokens[at] = next;
    if (at < tokens.length) setPages({ question, tokens, at });
  };
  useEffect(() => remember((query.data?.findings ?? []).map((finding) => finding.Id ?? "")), [query.data]);
  const known = Math.max(current.tokens.length, current.at + (next ? 2 : 1));
  const renew = () => {
    if (view.range && isRelative(view.range)) setTurn((n) => n + 1);
    query.reload();
  };
  return { query, renew, criteria, asked, page: current.at + 1, pages: known, openEnd: next !== undefined && known === current.at + 2, show: (n: number) => show(n - 1) };
}
