// Text of logs for a person: characters that hide, reorder or pretend become visible.

/** Control characters, the separators of lines, and what changes the direction or is not seen (Unicode TR36, 2.10). */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** So much of a text is shown at first. */
export const LONG = 500;

/** A part of a text: as it is, or a character that would not be seen, by its name. */
export interface Part {
  text: string;
  hidden: boolean;
}

function name(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The parts of a text. */
export function parts(text: string): Part[] {
  const all: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found.index > from) all.push({ text: text.slice(from, found.index), hidden: false });
    all.push({ text: name(found[0]), hidden: true });
    from = found.index + found[0].length;
  }
  if (from < text.length) all.push({ text: text.slice(from), hidden: false });
  return all;
}

/** A text in which hidden characters are written out, for where only text can be: titles, labels. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => `<${name(character)}>`);
}

/** A text of at most so many characters, none of them cut in two. */
export function shortened(text: string, most = LONG): string {
  if (text.length <= most) return text;
  const end = text.slice(0, most);
  return `${/[\ud800-\udbff]$/.test(end) ? end.slice(0, -1) : end}…`;
}

/** JSON in which hidden characters are written as escapes: the same document, and nothing in it is unseen. */
export function escaped(json: string): string {
  const unit = (code: number) => `\\u${code.toString(16).padStart(4, "0")}`;
  const units = (text: string) => Array.from({ length: text.length }, (_, n) => unit(text.charCodeAt(n))).join("");
  return json.replace(HIDDEN, (character) => (character === "\n" ? character : units(character)));
}
