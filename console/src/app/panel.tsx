// The panel beside the content: a page puts something into it, and the shell shows it while there is something.
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

interface Panel {
  title: string;
  close: () => void;
}

interface Value {
  panel?: Panel;
  host?: HTMLElement;
}

interface Setters {
  setPanel: (panel: Panel | undefined) => void;
  setHost: (host: HTMLElement | null) => void;
}

const Shown = createContext<Value>({});
const Set = createContext<Setters | undefined>(undefined);

export function PanelProvider({ children }: { children: ReactNode }) {
  const [panel, setPanel] = useState<Panel>();
  const [host, setHost] = useState<HTMLElement>();
  const setters = useMemo<Setters>(() => ({ setPanel, setHost: (element) => setHost(element ?? undefined) }), []);
  return (
    <Set value={setters}>
      <Shown value={useMemo(() => ({ panel, host }), [panel, host])}>{children}</Shown>
    </Set>
  );
}

/** For the shell: what is to be shown, and where its content goes. */
export function usePanel(): Value & Setters {
  const setters = useContext(Set);
  if (!setters) throw new Error("usePanel outside of its provider");
  return { ...useContext(Shown), ...setters };
}

/** Shows its children beside the content of the page. */
export function InPanel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { host, setPanel } = usePanel();
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => {
    setPanel({ title, close: () => latest.current() });
    return () => setPanel(undefined);
  }, [title, setPanel]);
  return host ? createPortal(children, host) : null;
}
