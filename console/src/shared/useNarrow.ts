import { useSyncExternalStore } from "react";

function below(width: number): () => boolean {
  const query = window.matchMedia(`(max-width: ${width}px)`);
  const subscribe = (listener: () => void) => {
    query.addEventListener("change", listener);
    return () => query.removeEventListener("change", listener);
  };
  return () => useSyncExternalStore(subscribe, () => query.matches);
}

/** As wide as a telephone. */
export const useNarrow = below(688);
/** Too narrow for a table of several columns beside a panel. */
export const useModest = below(1800);
