// Who is signed in, for the whole page. The address does not change when a session ends, so signing in again returns to it.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { session, signOut, SignedOut, type Session } from "./session";

interface Value {
  session: Session;
  /** The session turned out to be over. */
  ended: () => void;
  leave: () => Promise<void>;
  /** Asks again what there is, after a detector was made or removed. */
  renew: () => Promise<void>;
}

const Context = createContext<Value | undefined>(undefined);

export type State =
  | { at: "asking" }
  | { at: "out"; why?: string }
  | { at: "failed"; why: string }
  | { at: "in"; session: Session };

/** Asks for the session of the cookie. */
export function useStart(): [State, (state: State) => void, () => void] {
  const [state, setState] = useState<State>({ at: "asking" });
  const ask = useCallback(() => {
    session().then(
      (found) => setState({ at: "in", session: found }),
      (error: unknown) =>
        setState(error instanceof SignedOut ? { at: "out" } : { at: "failed", why: error instanceof Error ? error.message : String(error) }),
    );
  }, []);
  useEffect(ask, [ask]);
  return [state, setState, ask];
}

interface Props {
  session: Session;
  onState: (state: State) => void;
  children: ReactNode;
}

export function SessionProvider({ session: value, onState, children }: Props) {
  const all = useMemo<Value>(
    () => ({
      session: value,
      ended: () => onState({ at: "out", why: "Your session has ended. Sign in again to go on where you were." }),
      leave: async () => {
        await signOut();
        onState({ at: "out", why: "You are signed out." });
      },
      renew: async () => onState({ at: "in", session: await session(true) }),
    }),
    [value, onState],
  );
  return <Context value={all}>{children}</Context>;
}

export function useSession(): Value {
  const value = useContext(Context);
  if (!value) throw new Error("useSession outside of a session");
  return value;
}

/** Whether the user may change things, as far as that is known: a policy of its own is asked by trying. */
export function useMayWrite(): boolean {
  return useSession().session.policy !== "read-only";
}
