// Answers of several regions as one.

interface Group {
  TotalFindings?: number;
  LastGeneratedAt?: Date;
}

/** Groups of several regions, summed by a key; the order is that of the first of each key. */
export function mergeGroups<G extends Group>(lists: readonly (readonly G[])[], key: (group: G) => string): G[] {
  const merged = new Map<string, G>();
  for (const group of lists.flat()) {
    const at = key(group);
    const old = merged.get(at);
    if (!old) {
      merged.set(at, group);
      continue;
    }
    const last = [old.LastGeneratedAt, group.LastGeneratedAt].flatMap((date) => date ?? []).sort((a, b) => b.getTime() - a.getTime())[0];
    merged.set(at, { ...old, TotalFindings: (old.TotalFindings ?? 0) + (group.TotalFindings ?? 0), LastGeneratedAt: last });
  }
  return [...merged.values()];
}

/** The most, or the least, first; equal ones by name, so that the order does not change from call to call. */
export function ordered<G extends Group>(groups: readonly G[], key: (group: G) => string, descending: boolean): G[] {
  const sign = descending ? -1 : 1;
  return [...groups].sort((a, b) => sign * ((a.TotalFindings ?? 0) - (b.TotalFindings ?? 0)) || key(a).localeCompare(key(b)));
}

/** The value of an attribute: the API names `service.eventLastSeen` what the SDK has as `Service.EventLastSeen`. */
export function valueAt(of: unknown, path: string): string | number | undefined {
  let at: unknown = of;
  for (const part of path.split(".")) {
    if (Array.isArray(at)) at = at[0];
    if (typeof at !== "object" || at === null) return undefined;
    const name = part.charAt(0).toUpperCase() + part.slice(1);
    at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  }
  return typeof at === "string" || typeof at === "number" ? at : undefined;
}

/** Less than zero when `a` comes first. What has no value comes last, as nothing can be said of its place. */
export function compare(a: string | number | undefined, b: string | number | undefined, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : Number(String(a) > String(b));
  return descending ? -order : order;
}

/** Takes the first of several sorted queues; which one that is, or none when all are empty. */
export function first<T>(queues: readonly (readonly T[])[], order: (a: T, b: T) => number): number | undefined {
  let best: number | undefined;
  queues.forEach((queue, n) => {
    const head = queue[0];
    if (head === undefined) return;
    const leader = best === undefined ? undefined : queues[best]?.[0];
    if (leader === undefined || order(head, leader) < 0) best = n;
  });
  return best;
}
