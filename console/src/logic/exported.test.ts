import { expect, test } from "vitest";
import { exported } from "./exported";

test("an export says what is missing in it", () => {
  expect(exported(1, 1, false, 10)).toEqual({ type: "success", text: "1 finding was exported." });
  expect(exported(1200, 1199, false, 10_000)).toEqual({ type: "warning", text: "1,199 findings were exported. 1 not: gone meanwhile, or not to be written in this format." });
  expect(exported(10_000, 10_000, true, 10_000).text).toMatch(/^10,000 findings were exported\. There are more: .* 10,000\./);
});
