import { expect, test } from "vitest";
import { escaped, parts, shortened, visible } from "./visible";

test("what would not be seen is named", () => {
  expect(visible("a\u202Egpj.exe\u0000\r\n\u200b\ufeff")).toBe("a<U+202E>gpj.exe<U+0000><U+000D><U+000A><U+200B><U+FEFF>");
  expect(visible("\u{e0041}\ud800x")).toBe("<U+E0041><U+D800>x");
});

test("what is seen stays", () => {
  for (const text of ["", "plain <b>text</b>", "Zürich 東京 مرحبا 😀"]) expect(visible(text)).toBe(text);
});

test("parts are the text", () => {
  expect(parts("a\u202eb")).toEqual([
    { text: "a", hidden: false },
    { text: "U+202E", hidden: true },
    { text: "b", hidden: false },
  ]);
  expect(parts("")).toEqual([]);
});

test("long texts are cut between characters", () => {
  expect(shortened("abc", 3)).toBe("abc");
  expect(shortened("ab😀", 3)).toBe("ab…");
  expect(shortened("x".repeat(65536)).length).toBe(501);
});

test("escaped JSON is the same document", () => {
  const value = { name: "a\u202eb\u200b\u{e0041}\u0000", other: ["Zürich"] };
  const json = escaped(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toContain("a\\u202eb\\u200b\\udb40\\udc41\\u0000");
  expect(visible(json.replaceAll("\n", ""))).toBe(json.replaceAll("\n", ""));
});
