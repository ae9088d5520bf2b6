// The table is a plain one: Cloudscape's is a tenth of what the first view may load.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Spinner from "@cloudscape-design/components/spinner";
import { lazy, Suspense } from "react";
import { perDay, type DayGroup } from "../logic/perDay";
import { SEVERITIES } from "../logic/severity";
import { WhenSeen } from "../shared/WhenSeen";

const DayBars = lazy(() => import("./DayBars"));

const day = (date: Date) => date.toISOString().slice(0, 10);

/** Findings over time by severity, by the day of their last activity; the same as a table below. */
export function PerDayChart({ groups, cut }: { groups: readonly DayGroup[]; cut: boolean }) {
  const { days, counts } = perDay(groups);
  if (days.length === 0) return null;
  const labels = days.map(day);
  const sums = labels.map((_, n) => SEVERITIES.reduce((sum, name) => sum + (counts[name][n] ?? 0), 0));
  const rows = labels.map((label, n) => ({ label, n })).filter(({ n }) => (sums[n] ?? 0) > 0).reverse();
  return (
    <Container
      header={<Header variant="h2" description={`By the day of the last activity, UTC${cut ? ". The latest days are shown" : ""}`}>Findings over time</Header>}
    >
      <WhenSeen className="chart">
        <Suspense fallback={<Box textAlign="center" padding="l"><Spinner /></Box>}>
          <DayBars labels={labels} counts={counts} sums={sums} />
        </Suspense>
      </WhenSeen>
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
