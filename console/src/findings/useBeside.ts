// The finding that is shown beside the list, which is part of the address.
import type { Finding } from "@aws-sdk/client-guardduty";
import { useEffect, useRef } from "react";
import { useScope } from "../app/region";
import { href, go } from "../app/router";
import type { View } from "../logic/view";

interface Beside {
  /** Its place in the list; less than zero when it is none, or not in this page of the list. */
  at: number;
  id?: string;
  region: string;
  /** Shows a finding; `replace` while one moves along the list, so that going back does not walk it again. */
  show: (finding: Finding | undefined, replace?: boolean) => void;
  close: () => void;
  /** Something was done to findings: when the one that is shown has left the list, the one in its place is next. */
  acted: () => void;
}

export function useBeside(view: View, change: (part: Partial<View>, replace?: boolean) => void, findings: readonly Finding[], narrow: boolean): Beside {
  const scope = useScope();
  const [before, after] = view.open?.split("/") ?? [];
  const id = after ?? before;
  const region = after === undefined ? scope.region : (before ?? scope.region);
  const at = id === undefined ? -1 : findings.findIndex((one) => one.Id === id && (!scope.all || one.Region === region));
  const show = (finding: Finding | undefined, replace?: boolean) => {
    if (!finding?.Id) return;
    change({ open: scope.all ? `${finding.Region}/${finding.Id}` : finding.Id }, replace);
  };
  const close = () => change({ open: undefined });

  const was = useRef<number>(undefined);
  const acted = () => {
    was.current = at < 0 ? undefined : at;
  };
  useEffect(() => {
    const from = was.current;
    was.current = undefined;
    if (from === undefined || id === undefined || at >= 0) return;
    const next = findings[Math.min(from, findings.length - 1)];
    if (next) show(next, true);
    else change({ open: undefined }, true);
  }, [findings]);

  // There is no room beside a narrow list.
  useEffect(() => {
    if (narrow && id !== undefined) go(href(["findings", id], `?in=${region}`), true);
  }, [narrow, id, region]);
  return { at, id, region, show, close, acted };
}
