// Keys. None acts while somebody types, and everything that a key does is also a button or a link.
import { useEffect, useRef } from "react";

/** What the keys do, for the help. */
export const KEYS: [string, string][] = [
  ["/", "Filter"],
  ["j, k", "Next, previous finding; arrows too, in the list"],
  ["Enter", "Open the finding"],
  ["o", "Show the finding beside the list, or close it"],
  ["x", "Select the finding"],
  ["e", "Archive what is selected"],
  ["Esc", "Close the finding, back to the list"],
  ["g s", "Go to the summary"],
  ["g f", "Go to the findings"],
  ["g h", "Go to the hunts"],
  ["g l", "Go to the lists"],
  ["g r", "Go to the suppression rules"],
  ["?", "This help"],
];

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[role=dialog],[role=listbox],[role=menu]") !== null;
}

/** What does something of its own when Enter is pressed. */
const CONTROLS = "a, button, input, [role=button], [role=tab], [role=slider]";
/** So long may pass between the two keys of a sequence, in milliseconds. */
const PAUSE = 1500;

/** What a key does; it says `LEAVE` when the key is the browser's this time. */
type Act = (event: KeyboardEvent) => unknown;
export const LEAVE = Symbol("leave");

/** Calls what belongs to a key, or to two in a row ("g s"). */
export function useKeys(keys: Record<string, Act>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let before = { key: "", at: 0 };
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const checkbox = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
      if (isTyping(event.target) && !checkbox) return;
      // Enter belongs to the control that has the focus.
      if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest(CONTROLS)) return;
      const two = event.timeStamp - before.at < PAUSE ? `${before.key} ${event.key}` : "";
      before = { key: event.key, at: event.timeStamp };
      const act = latest.current[two] ?? latest.current[event.key];
      if (act && act(event) !== LEAVE) event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
