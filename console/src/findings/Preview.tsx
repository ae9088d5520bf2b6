import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useDetector } from "../app/region";
import { findingsPage, statistics, total } from "../api/findings";
import { useQuery } from "../api/useQuery";
import { toCriteria } from "../logic/criteria";
import type { Token } from "../logic/token";
import { severityName } from "../logic/severity";
import { Loaded } from "../shared/Loaded";
import { SeverityBadge } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

const DAYS = 30;
const DAY = 86_400_000;
const EXAMPLES = 5;

/** What a rule would have hidden: of the last 30 days, and of all that is kept. */
export function Preview({ tokens }: { tokens: readonly Token[] }) {
  const place = useDetector();
  const [now] = useState(Date.now);
  const since: Token = { path: "updatedAt", operator: ">=", value: String(now - DAYS * DAY) };
  const query = useQuery(`preview/${JSON.stringify(tokens)}`, async (signal) => {
    const recent = toCriteria([...tokens, since]);
    const asked = { criteria: recent, sort: "severity", descending: true };
    const [severities, ever, examples] = await Promise.all([
      statistics(place, recent, "SEVERITY", {}, signal).then((s) => s.GroupedBySeverity ?? []),
      statistics(place, toCriteria(tokens), "SEVERITY", {}, signal).then((s) => total(s.GroupedBySeverity ?? [])),
      findingsPage(place, asked, undefined, signal).then((page) => page.findings.slice(0, EXAMPLES)),
    ]);
    return { severities, ever, examples };
  });
  return (
    <Container header={<Header variant="h3">What it would have hidden in the last {DAYS} days</Header>}>
      <Loaded query={query} what="the preview">
        {({ severities, ever, examples }) => (
          <SpaceBetween size="s">
            <Box>
              <strong>{total(severities).toLocaleString("en")}</strong> of the findings that were updated in the last {DAYS} days,{" "}
              {ever.toLocaleString("en")} of all that are kept.
            </Box>
            <SpaceBetween direction="horizontal" size="s">
              {severities.map((group) => (
                <span className="severity" key={group.Severity}>
                  <SeverityBadge name={severityName(group.Severity ?? 0)} /> {group.TotalFindings}
                </span>
              ))}
            </SpaceBetween>
            {examples.length > 0 && (
              <ul>
                {examples.map((finding) => (
                  <li key={finding.Id}><Text plain brief>{finding.Title}</Text> (<Time at={finding.UpdatedAt} />)</li>
                ))}
              </ul>
            )}
          </SpaceBetween>
        )}
      </Loaded>
    </Container>
  );
}
