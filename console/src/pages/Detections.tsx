import {
  CreateCustomDetectionRuleAssociationCommand,
  DeleteCustomDetectionRuleAssociationCommand,
  ListCustomDetectionRuleAssociationsCommand,
  ListCustomDetectionRulesCommand,
  type AssociationSummary,
  type RuleSummary,
} from "@aws-sdk/client-guardduty";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { useDetector } from "../app/region";
import { useQuery } from "../api/useQuery";
import { asWords, withoutCommonEnd } from "../logic/sentences";
import { SEVERITIES } from "../logic/severity";
import { useMayWrite } from "../session/SessionContext";
import { Loaded } from "../shared/Loaded";
import { PageLayout } from "../shared/PageLayout";
import { SeverityBadge } from "../shared/Severity";

/** How a rule is switched on. */
const MODES: Record<string, string> = { LIVE: "On", DRY_RUN: "On trial" };

/** A severity that the API says as a word in capitals. */
function Word({ severity = "" }: { severity?: string }) {
  const name = SEVERITIES.find((known) => known.toUpperCase() === severity);
  return name ? <SeverityBadge name={name} /> : severity;
}

interface Row extends RuleSummary {
  association?: AssociationSummary;
}

/** The catalogue of custom detection rules, and which of them are switched on. */
export default function Detections() {
  const { client } = useDetector();
  const mayWrite = useMayWrite();
  const { tell, fail } = useFlash();
  const [text, setText] = useState("");
  const query = useQuery("detections", async (signal): Promise<Row[]> => {
    const options = { abortSignal: signal };
    const rules: RuleSummary[] = [];
    const associations: AssociationSummary[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(new ListCustomDetectionRulesCommand({ NextToken: token, MaxResults: 50 }), options);
      rules.push(...(page.Rules ?? []));
      token = page.NextToken || undefined;
    } while (token);
    do {
      const page = await client.send(new ListCustomDetectionRuleAssociationsCommand({ NextToken: token, MaxResults: 50 }), options);
      associations.push(...(page.RuleAssociations ?? []));
      token = page.NextToken || undefined;
    } while (token);
    const of = new Map(associations.map((one) => [one.RuleId, one]));
    // That they are not evaluated is said once, above, and not again with each.
    const descriptions = withoutCommonEnd(rules.map(({ Description = "" }) => Description));
    return rules.map((rule, n) => ({ ...rule, Description: descriptions[n], association: of.get(rule.RuleId) }));
  });

  async function turn({ RuleId, Name, association }: Row) {
    try {
      if (association) {
        await client.send(new DeleteCustomDetectionRuleAssociationCommand({ RuleId, AssociationId: association.AssociationId }));
      } else {
        await client.send(new CreateCustomDetectionRuleAssociationCommand({ RuleId, Mode: "LIVE" }));
      }
      tell({ type: "success", text: `${Name} is switched ${association ? "off" : "on"}. It is not evaluated yet.` });
      query.reload();
    } catch (error) {
      fail(`${Name} was not changed`, error);
    }
  }

  const wanted = text.toLowerCase();
  const meets = (row: Row) => `${row.Name} ${row.Description} ${row.Tactic} ${row.Service}`.toLowerCase().includes(wanted);
  return (
    <PageLayout title="Custom detections" description="The rules that GuardDuty's API lists">
      <SpaceBetween size="l">
        <Alert type="warning" header="These rules are not evaluated yet">
          Which rules are switched on is kept, as the API has it, but Picquet raises no findings from them. Its own detectors work
          without them: <code>picquet explain '*'</code> lists what each finding type is raised for.
        </Alert>
        <Loaded query={query} what="the rules">
          {(rows) => (
            <Table
              items={rows.filter(meets)}
              wrapLines
              ariaLabels={{ tableLabel: "Custom detection rules" }}
              header={<Header counter={`(${rows.length})`}>Rules</Header>}
              filter={<TextFilter filteringText={text} filteringPlaceholder="Find rules" filteringAriaLabel="Find rules" countText={rows.filter(meets).length === 1 ? "1 rule" : `${rows.filter(meets).length} rules`} onChange={({ detail }) => setText(detail.filteringText)} />}
              empty={<Box>No rule meets the filter.</Box>}
              columnDefinitions={[
                { id: "name", header: "Rule", isRowHeader: true, cell: (row) => <>{row.Name}<Box variant="small" display="block">{row.Description}</Box></> },
                { id: "severity", header: "Severity", cell: ({ Severity: word }) => <Word severity={word} />, minWidth: 105 },
                { id: "tactic", header: "Tactic", cell: ({ Tactic = "" }) => asWords(Tactic) },
                { id: "service", header: "Service", cell: ({ Service }) => Service },
                { id: "mode", header: "Mode", cell: ({ association }) => MODES[association?.Mode ?? ""] ?? association?.Mode ?? "Off" },
                ...(mayWrite
                  ? [{ id: "turn", header: "Actions", minWidth: 125, cell: (row: Row) => <Button variant="inline-link" ariaLabel={`Switch ${row.association ? "off" : "on"} ${row.Name}`} onClick={() => void turn(row)}>{row.association ? "Switch off" : "Switch on"}</Button> }]
                  : []),
              ]}
            />
          )}
        </Loaded>
      </SpaceBetween>
    </PageLayout>
  );
}
