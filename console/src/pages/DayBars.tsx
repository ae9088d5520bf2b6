import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import * as tokens from "@cloudscape-design/design-tokens";
import type { PerDay } from "../logic/perDay";
import { SEVERITIES } from "../logic/severity";

const COLORS = {
  Critical: tokens.colorChartsStatusCritical,
  High: tokens.colorChartsStatusHigh,
  Medium: tokens.colorChartsStatusMedium,
  Low: tokens.colorChartsStatusLow,
};

interface Props {
  labels: readonly string[];
  counts: PerDay["counts"];
  sums: readonly number[];
}

/** The bars of findings by day, which are fetched when they come into view. */
export default function DayBars({ labels, counts, sums }: Props) {
  const series = SEVERITIES.map((name) => ({
    title: name,
    type: "bar" as const,
    color: COLORS[name],
    data: labels.map((x, n) => ({ x, y: counts[name][n] ?? 0 })),
  }));
  return (
    <BarChart
      stackedBars
      series={series}
      xScaleType="categorical"
      xDomain={labels}
      yDomain={[0, Math.max(4, ...sums)]}
      height={200}
      hideFilter
      xTitle="Day"
      yTitle="Findings"
      ariaLabel="Findings over time by severity"
      ariaDescription={`From ${labels[0]} to ${labels.at(-1)}: ${sums.reduce((a, b) => a + b, 0)} findings.`}
      i18nStrings={{ yTickFormatter: (n) => (Number.isInteger(n) ? n.toLocaleString("en") : "") }}
      empty={<Box>None.</Box>}
    />
  );
}
