import { useSyncExternalStore } from "react";

/** As wide as a telephone. */
const NARROW = window.matchMedia("(max-width: 688px)");

function subscribe(listener: () => void) {
  NARROW.addEventListener("change", listener);
  return () => NARROW.removeEventListener("change", listener);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches);
}
