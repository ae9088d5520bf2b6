import { expect, test } from "vitest";
import { cell, toCsv } from "./csv";

test("a formula is text", () => {
  for (const formula of ["=cmd|'/c calc'!A1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|x", "＝1"]) {
    expect(cell(formula).replace(/^"/, "")).toMatch(/^'/);
  }
  expect(cell(-5)).toBe("-5");
  expect(cell("i-0abc")).toBe("i-0abc");
});

test("separators and quotes stay in their cell", () => {
  expect(cell('a,"b"')).toBe('"a,""b"""');
  expect(cell("a\nb\u202ec")).toBe("a<U+000A>b<U+202E>c");
  expect(cell(undefined)).toBe("");
});

test("findings are lines", () => {
  const text = toCsv([{ Id: "x", Severity: 8, Title: '=HYPERLINK("http://evil")', Service: { Count: 3 } } as never]);
  const [head, line, end] = text.split("\r\n");
  expect(head?.split(",").slice(0, 4)).toEqual(["id", "severity", "severity_name", "type"]);
  expect(line).toContain(`x,8,High,,"'=HYPERLINK(""http://evil"")"`);
  expect(end).toBe("");
});
