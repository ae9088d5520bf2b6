import Box from "@cloudscape-design/components/box";
import KeyValuePairs, { type KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import type { ReactNode } from "react";
import { network, remotes, where } from "../logic/actor";
import { explanationOf } from "../logic/explanation";
import { resourceKind, resourceOf } from "../logic/resource";
import { often, sentence } from "../logic/sentence";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { TypeName } from "../shared/TypeName";
import { State } from "./State";
import { ThreatLists } from "./ThreatLists";

/** So many observations, and so many addresses: the page has the others. */
const MOST = 4;

function pair(label: string, value: string | undefined): KeyValuePairsProps.Item[] {
  return value ? [{ label, value: <Text>{value}</Text> }] : [];
}

function actor(finding: Finding): KeyValuePairsProps.Item[] {
  const { AwsApiCallAction: call, DnsRequestAction: dns } = finding.Service?.Action ?? {};
  const all = remotes(finding);
  const shown = all.slice(0, MOST).map(({ ip }, n) => (
    <div key={n}>
      <Text>{ip.IpAddressV4 ?? ip.IpAddressV6}</Text>
      <Box variant="small" display="block">{[where(ip), network(ip)].filter(Boolean).join(", ") || "Where it is, is not known"}</Box>
    </div>
  ));
  return [
    ...(all.length > 0 ? [{ label: "Actor", value: <>{shown}{all.length > MOST && <Box>and {all.length - MOST} more</Box>}</> }] : []),
    ...pair("Domain", dns?.Domain),
    ...pair("API", call?.Api && `${call.Api} ${call.ServiceName ?? ""}`.trim()),
    ...pair("User agent", call?.UserAgent),
    ...pair("Answer", call?.ErrorCode),
  ];
}

interface Props {
  finding: Finding;
  /** How it stands in a detector, for one that is of none. */
  standing?: ReactNode;
}

/** What a finding says, in short. */
export function FindingBrief({ finding, standing }: Props) {
  const explanation = explanationOf(finding);
  const { kind, id } = resourceOf(finding);
  const service = finding.Service;
  const count = service?.Count ?? 1;
  return (
    <SpaceBetween size="m">
      <div>
        <SpaceBetween size="xs" direction="horizontal" alignItems="center">
          <Severity value={finding.Severity} />
          {standing ?? <State finding={finding} />}
        </SpaceBetween>
        <Box variant="h3" padding={{ top: "xs" }}><TypeName type={finding.Type ?? ""} /></Box>
      </div>
      <section aria-label="What happened">
        <Box variant="awsui-key-label">What happened</Box>
        <Text plain>{sentence(finding)}</Text>
      </section>
      <section aria-label="Why it was raised">
        <Box variant="awsui-key-label">Why it was raised</Box>
        {explanation ? <Text plain>{explanation.why}</Text> : "The finding carries no explanation: it is a sample, or it was not found by Picquet."}
        <ThreatLists finding={finding} />
        {explanation && explanation.observations.length > 0 && (
          <ul className="observed">
            {explanation.observations.slice(0, MOST).map(({ name, observed, against }) => (
              <li key={name}>
                <Text plain>{name}</Text>: <Text>{observed}</Text>
                {against && <>, against <Text>{against}</Text></>}
              </li>
            ))}
          </ul>
        )}
      </section>
      <KeyValuePairs
        columns={1}
        items={[
          ...actor(finding),
          { label: "Resource", value: <><Text>{id || "Not named"}</Text><Box variant="small" display="block"><Text plain>{`${resourceKind(kind)} of account ${finding.AccountId} in ${finding.Region}`}</Text></Box></> },
          {
            label: "Seen",
            value: (
              <>
                {often(count)}, {count > 1 && "last "}<Time at={service?.EventLastSeen} relative />
                {count > 1 && <Box variant="small" display="block">first <Time at={service?.EventFirstSeen} /></Box>}
              </>
            ),
          },
          ...pair("Feedback", { USEFUL: "Useful", NOT_USEFUL: "Not useful" }[service?.UserFeedback ?? ""]),
        ]}
      />
    </SpaceBetween>
  );
}
