// What GuardDuty would charge, beside what the machine costs.

interface Total {
  Amount?: string;
  Unit?: string;
}

/** The sum of amounts that the API says as decimal numbers; those that are none, or of another unit, do not count. */
export function sumOf(totals: readonly (Total | undefined)[]): { amount: number; unit: string } {
  const unit = totals.find((one) => one?.Unit)?.Unit ?? "USD";
  const amounts = totals.filter((one) => (one?.Unit ?? unit) === unit).map((one) => Number(one?.Amount ?? 0));
  return { amount: amounts.filter(Number.isFinite).reduce((sum, one) => sum + one, 0), unit };
}

/** What is known of the machine's cost, and why not. */
export type MachineCost = { at: "told"; dollars: number } | { at: "untold" | "hidden" | "old" };

/** By the status that the server tells: `sources` is there for administrators alone. */
export function machineCost(status: { machine?: { dollarsPerMonth: number } | null; sources?: unknown } | undefined): MachineCost {
  const dollars = status?.machine?.dollarsPerMonth;
  if (typeof dollars === "number" && Number.isFinite(dollars)) return { at: "told", dollars };
  if (!status) return { at: "old" };
  return { at: status.sources ? "untold" : "hidden" };
}
