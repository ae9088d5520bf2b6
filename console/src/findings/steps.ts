// The findings that the list showed last, so that one finding leads to the next.
let ids: string[] = [];

export function remember(shown: string[]): void {
  ids = shown;
}

/** The id so many places after one. */
export function step(id: string, by: 1 | -1): string | undefined {
  const at = ids.indexOf(id);
  return at < 0 ? undefined : ids[at + by];
}
