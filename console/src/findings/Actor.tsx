import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding } from "@aws-sdk/client-guardduty";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { PLAIN, toSearch } from "../logic/view";
import { network, remotes, where } from "../logic/actor";
import { Text } from "../shared/Text";

/** So many addresses are shown. */
const MOST = 10;

export function Actor({ finding }: { finding: Finding }) {
  const { region } = useScope();
  const all = remotes(finding);
  const action = finding.Service?.Action;
  const call = action?.AwsApiCallAction;
  const dns = action?.DnsRequestAction;
  const others = (path: string, value: string) => href(["findings"], toSearch({ ...PLAIN, tab: "all", tokens: [{ path, operator: "=", value }] }, region));
  return (
    <Container fitHeight header={<Header variant="h2">Actor</Header>}>
      <SpaceBetween size="m">
        {all.slice(0, MOST).map(({ path, ip }, n) => (
          <KeyValuePairs
            key={n}
            columns={2}
            items={[
              {
                label: "Address",
                value: ip.IpAddressV4 ? (
                  <><Text>{ip.IpAddressV4}</Text> <Link href={others(path, ip.IpAddressV4)} onFollow={follow}>its findings</Link></>
                ) : (
                  <Text>{ip.IpAddressV6}</Text>
                ),
              },
              { label: "Country", value: <Text plain>{where(ip) || "Not known"}</Text> },
              { label: "Network (ASN)", value: <Text plain>{network(ip) || "Not known"}</Text> },
            ]}
          />
        ))}
        {all.length > MOST && <Box>And {all.length - MOST} more, in the raw JSON.</Box>}
        {call && (
          <KeyValuePairs
            columns={2}
            items={[
              { label: "API", value: <Text>{`${call.Api ?? ""} ${call.ServiceName ?? ""}`}</Text> },
              { label: "User agent", value: call.UserAgent ? <Text>{call.UserAgent}</Text> : "Not told" },
              ...(call.ErrorCode ? [{ label: "Answer", value: <Text>{call.ErrorCode}</Text> }] : []),
            ]}
          />
        )}
        {dns && (
          <KeyValuePairs
            columns={2}
            items={[
              { label: "Domain", value: <Text>{dns.Domain}</Text> },
              { label: "Protocol", value: dns.Protocol ?? "-" },
            ]}
          />
        )}
        {all.length === 0 && !call && !dns && <Box>The finding names no actor.</Box>}
      </SpaceBetween>
    </Container>
  );
}
