// The table is a plain one: Cloudscape's is a tenth of what the first view may load.
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import * as tokens from "@cloudscape-design/design-tokens";
import { perDay, type DayGroup } from "../logic/perDay";
import { SEVERITIES } from "../logic/severity";

const COLORS = {
  Critical: tokens.colorChartsStatusCritical,
  High: tokens.colorChartsStatusHigh,
  Medium: tokens.colorChartsStatusMedium,
  Low: tokens.colorChartsStatusLow,
};

const day = (date: Date) => date.toISOString().slice(0, 10);

/** Findings over time by severity, by the day of their last activity; the same as a table below. */
export function PerDayChart({ groups, cut }: { groups: readonly DayGroup[]; cut: boolean }) {
  const { days, counts } = perDay(groups);
  if (days.length === 0) return null;
  const labels = days.map(day);
  const series = SEVERITIES.map((name) => ({
    title: name,
    type: "bar" as const,
    color: COLORS[name],
    data: labels.map((x, n) => ({ x, y: counts[name][n] ?? 0 })),
  }));
  const sums = labels.map((_, n) => SEVERITIES.reduce((sum, name) => sum + (counts[name][n] ?? 0), 0));
  const rows = labels.map((label, n) => ({ label, n })).filter(({ n }) => (sums[n] ?? 0) > 0).reverse();
  return (
    <Container
      header={<Header variant="h2" description={`By the day of the last activity, UTC${cut ? ". The latest days are shown" : ""}`}>Findings over time</Header>}
    >
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
      <ExpandableSection headerText="As a table">
        <table className="tally days">
          <caption className="visually-hidden">Findings over time</caption>
          <thead>
            <tr><th scope="col">Day</th>{SEVERITIES.map((name) => <th scope="col" key={name}>{name}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map(({ label, n }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {SEVERITIES.map((name) => <td key={name}>{(counts[name][n] ?? 0).toLocaleString("en")}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </ExpandableSection>
    </Container>
  );
}
