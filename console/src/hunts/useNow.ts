import { useRef } from "react";
import { useScope } from "../app/region";

/** The time by the server's clock, in milliseconds: when `of` was asked for, so that what is computed from both agrees. */
export function useNow(of: unknown): number {
  const { client } = useScope();
  const at = useRef<{ of: unknown; now: number }>(undefined);
  if (at.current?.of !== of) at.current = { of, now: Date.now() + client.config.systemClockOffset };
  return at.current?.now ?? 0;
}
