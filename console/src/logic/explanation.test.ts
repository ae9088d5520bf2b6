import { expect, test } from "vitest";
import { comparisons, explanationOf, leadingNumber } from "./explanation";

const finding = (value: unknown) => ({ Service: { AdditionalInfo: { Value: JSON.stringify(value) } } }) as never;

test("an explanation is read, and what can be drawn is", () => {
  const read = explanationOf(
    finding({
      localPort: "22",
      picquet: {
        detector: "ssh-brute-force",
        why: "because",
        observations: [
          { name: "connections", observed: "106", against: "20 or more" },
          { name: "mean bytes", observed: "1850" },
          { name: "broken" },
          7,
        ],
      },
    }),
  );
  expect(read).toMatchObject({ detector: "ssh-brute-force", why: "because", others: { localPort: "22" } });
  expect(read?.observations).toHaveLength(2);
  expect(read && comparisons(read)).toEqual([{ name: "connections", observed: 106, against: 20, label: "20 or more" }]);
});

test("what is no explanation is none", () => {
  for (const value of [null, 1, [], {}, { picquet: [] }, { picquet: { why: 3 } }]) {
    expect(explanationOf(finding(value))).toBeUndefined();
  }
  expect(explanationOf({ Service: { AdditionalInfo: { Value: "{" } } } as never)).toBeUndefined();
  expect(explanationOf({} as never)).toBeUndefined();
});

test("numbers are found where they lead", () => {
  expect(["106", "20 or more", "1,234 bytes", "at most 3.5", "-2"].map(leadingNumber)).toEqual([106, 20, 1234, 3.5, -2]);
  for (const text of ["198.51.100.7", "2026-01-31", "10:30", "A vertizam.net", ""]) {
    expect(leadingNumber(text)).toBeUndefined();
  }
});
