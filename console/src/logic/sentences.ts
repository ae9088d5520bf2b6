// Texts that a server writes for each row of a table.

/** What texts say beside the sentences at their end that all of them share: those are said once, elsewhere. */
export function withoutCommonEnd(texts: readonly string[]): string[] {
  const all = texts.map((text) => text.split(/(?<=\.) /));
  const shortest = Math.min(...all.map((sentences) => sentences.length));
  const first = all[0] ?? [];
  let same = 0;
  while (all.length > 1 && same + 1 < shortest && all.every((one) => one.at(-1 - same) === first.at(-1 - same))) same += 1;
  return all.map((sentences) => sentences.slice(0, sentences.length - same).join(" "));
}

/** A name of several words in one, as words: "PrivilegeEscalation". Abbreviations stay. */
export function asWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A state in capitals, as a word: "DELETE_PENDING". */
export const stateName = (state = ""): string => state.charAt(0) + state.slice(1).toLowerCase().replaceAll("_", " ");
