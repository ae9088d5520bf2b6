// An answer of the API that a component shows: what was there before stays until the new one is there.
import { useCallback, useEffect, useRef, useState } from "react";
import { useSession } from "../session/SessionContext";
import { problem, type Problem } from "./problem";

/** After so long a wait is explained, in milliseconds. */
const SLOW = 10_000;

export interface Query<T> {
  data?: T;
  problem?: Problem;
  loading: boolean;
  /** It has taken long. */
  slow: boolean;
  reload: () => void;
  /** Changes what is shown until the next answer. */
  set: (change: (data: T) => T) => void;
}

/** Asks when `key` changes; an answer to an earlier question is not shown. `undefined` asks nothing. */
export function useQuery<T>(key: string | undefined, ask: (signal: AbortSignal) => Promise<T>): Query<T> {
  const { ended } = useSession();
  const [data, setData] = useState<T>();
  const [fault, setFault] = useState<Problem>();
  const [loading, setLoading] = useState(key !== undefined);
  const [slow, setSlow] = useState(false);
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (key === undefined) return undefined;
    const aborter = new AbortController();
    const timer = setTimeout(() => setSlow(true), SLOW);
    setLoading(true);
    latest
      .current(aborter.signal)
      .then((answer) => {
        if (aborter.signal.aborted) return;
        setData(answer);
        setFault(undefined);
      })
      .catch((error: unknown) => {
        if (aborter.signal.aborted) return;
        const told = problem(error);
        if (told.kind === "signed-out") ended();
        setFault(told);
      })
      .finally(() => {
        clearTimeout(timer);
        if (aborter.signal.aborted) return;
        setSlow(false);
        setLoading(false);
      });
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
    // `ended` is of the session, which outlives this component.
  }, [key, turn]);

  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const set = useCallback((change: (data: T) => T) => setData((old) => (old === undefined ? old : change(old))), []);
  return { data, problem: fault, loading, slow, reload, set };
}
