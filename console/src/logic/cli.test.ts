import { expect, test } from "vitest";
import { command, quoted } from "./cli";

test("words are safe in a shell", () => {
  expect(quoted("abc-1:/x")).toBe("abc-1:/x");
  expect(quoted("a b; rm -rf ~")).toBe("'a b; rm -rf ~'");
  expect(quoted("it's $(x)`y`\n")).toBe("'it'\\''s $(x)`y`\n'");
});

test("a command has its options", () => {
  expect(command("get-findings", "eu-west-1", { "detector-id": "d", "finding-ids": ["a", "b c"] })).toBe(
    "aws guardduty get-findings --region eu-west-1 --detector-id d --finding-ids a 'b c'",
  );
});
