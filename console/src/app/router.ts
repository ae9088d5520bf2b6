// The address is the state: a path below /console/ and a query. Links are ordinary links.
import { useSyncExternalStore } from "react";

const ROOT = "/console/";

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
window.addEventListener("popstate", tell);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface Place {
  /** The parts of the path, decoded. */
  parts: string[];
  search: string;
}

let last: { href: string; place: Place } | undefined;

function place(): Place {
  const { pathname, search } = window.location;
  const href = pathname + search;
  if (last?.href !== href) {
    const parts = pathname.slice(ROOT.length).split("/").filter(Boolean).map(decode);
    last = { href, place: { parts, search } };
  }
  return last.place;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, place);
}

/** The address of a page. */
export function href(parts: readonly string[], search = ""): string {
  return ROOT + parts.map(encodeURIComponent).join("/") + search;
}

/** Goes to an address; `replace` where going back should not return here. */
export function go(to: string, replace = false): void {
  if (to === window.location.pathname + window.location.search) return;
  const moved = new URL(to, window.location.origin).pathname !== window.location.pathname;
  window.history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
  if (moved) window.scrollTo(0, 0);
}

/** For `onFollow` of links: a plain click stays in the page, every other one is the browser's. */
export function follow(event: CustomEvent<{ href?: string; external?: boolean }>): void {
  const to = event.detail.href;
  if (!to?.startsWith(ROOT) || event.detail.external) return;
  event.preventDefault();
  go(to);
}
