// Messages about what was done, above the page.
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { problem } from "../api/problem";

export interface Message {
  type: "success" | "error" | "info" | "warning" | "in-progress";
  text: ReactNode;
  /** A button: undo, retry. */
  action?: { label: string; run: () => void };
  id?: string;
}

interface Value {
  items: FlashbarProps.MessageDefinition[];
  tell: (message: Message) => void;
  /** Tells an error in the server's words. */
  fail: (what: string, error: unknown) => void;
}

const Context = createContext<Value | undefined>(undefined);
/** So many messages are kept. */
const MOST = 4;

export function FlashProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<(Message & { id: string })[]>([]);
  const drop = useCallback((id: string) => setMessages((all) => all.filter((one) => one.id !== id)), []);
  const tell = useCallback((message: Message) => {
    const id = message.id ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
    setMessages((all) => [{ ...message, id }, ...all.filter((one) => one.id !== id)].slice(0, MOST));
  }, []);
  const fail = useCallback(
    (what: string, error: unknown) => {
      const told = problem(error);
      const request = told.requestId ? ` Request ${told.requestId}.` : "";
      tell({ type: "error", text: `${what}: ${told.message} (${told.name})${request}` });
    },
    [tell],
  );
  const items = useMemo(
    () =>
      messages.map(({ id, type, text, action }): FlashbarProps.MessageDefinition => ({
        id,
        type: type === "in-progress" ? "info" : type,
        loading: type === "in-progress",
        content: text,
        dismissible: true,
        dismissLabel: "Dismiss",
        onDismiss: () => drop(id),
        buttonText: action?.label,
        onButtonClick: () => {
          drop(id);
          action?.run();
        },
      })),
    [messages, drop],
  );
  return <Context value={useMemo(() => ({ items, tell, fail }), [items, tell, fail])}>{children}</Context>;
}

export function useFlash(): Value {
  const value = useContext(Context);
  if (!value) throw new Error("useFlash outside of its provider");
  return value;
}
