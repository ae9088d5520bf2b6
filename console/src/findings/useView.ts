// The view of the findings, which is the address.
import { useCallback, useMemo } from "react";
import { useScope } from "../app/region";
import { go, href, usePlace } from "../app/router";
import { fromSearch } from "../logic/address";
import { toSearch, type View } from "../logic/view";

export interface Viewed {
  view: View;
  faults: string[];
  /** `replace` where going back should not return here. */
  change: (part: Partial<View>, replace?: boolean) => void;
}

export function useView(): Viewed {
  const { search } = usePlace();
  const { region } = useScope();
  const { view, faults } = useMemo(() => fromSearch(search), [search]);
  const change = useCallback(
    (part: Partial<View>, replace?: boolean) => {
      // Another list closes the finding that is beside it; the same list in another order does not.
      const open = "sort" in part ? view.open : undefined;
      go(href(["findings"], toSearch({ ...view, open, ...part }, region)), replace);
    },
    [view, region],
  );
  return { view, faults, change };
}
