// Something that is done again and again while the page is looked at.
import { useEffect, useRef } from "react";

/** Waits grow up to so many times the first. */
const MOST = 16;

/** Calls `run` every so often while the page is visible; after a failure it waits twice as long as before. */
export function useWhileVisible(every: number, run: () => Promise<unknown>): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    let wait = every;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const begin = () => {
      clearTimeout(timer);
      if (!over && document.visibilityState === "visible") timer = setTimeout(() => void again(), wait);
    };
    const again = async () => {
      try {
        await latest.current();
        wait = every;
      } catch {
        // What is shown stays; whoever asks for more sees the failure.
        wait = Math.min(wait * 2, every * MOST);
      }
      begin();
    };
    begin();
    document.addEventListener("visibilitychange", begin);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", begin);
    };
  }, [every]);
}
