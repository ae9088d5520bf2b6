// The view of the findings, which is the address.
import { useCallback, useMemo } from "react";
import { useScope } from "../app/region";
import { go, href, usePlace } from "../app/router";
import { fromSearch, toSearch, type View } from "../logic/address";

export function useView(): { view: View; faults: string[]; change: (part: Partial<View>) => void } {
  const { search } = usePlace();
  const { region } = useScope();
  const { view, faults } = useMemo(() => fromSearch(search), [search]);
  const change = useCallback((part: Partial<View>) => go(href(["findings"], toSearch({ ...view, ...part }, region))), [view, region]);
  return { view, faults, change };
}
