import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useDetector } from "../../app/region";
import { follow, href } from "../../app/router";
import { moment, type Delivery, type Target } from "../../logic/sources";
import { Text } from "../../shared/Text";
import { Time } from "../../shared/Time";

/** Where findings go to, and how many wait. */
export function Targets({ targets }: { targets: readonly Target[] }) {
  return (
    <Table
      items={targets}
      wrapLines
      ariaLabels={{ tableLabel: "Targets" }}
      header={<Header counter={`(${targets.length})`}>Targets of findings</Header>}
      empty={<Box>Findings are delivered to no target.</Box>}
      columnDefinitions={[
        { id: "name", header: "Target", isRowHeader: true, cell: ({ name }) => <Text plain>{name}</Text> },
        {
          id: "state",
          header: "State",
          cell: ({ failing, since }) =>
            failing ? (
              <StatusIndicator type="error">
                Failing{since ? <> since <Time at={moment(since)} relative /></> : ""}: <Text plain>{failing}</Text>
              </StatusIndicator>
            ) : (
              <StatusIndicator type="success">Works</StatusIndicator>
            ),
        },
        { id: "waiting", header: "Waiting", cell: ({ waiting = 0 }) => waiting.toLocaleString("en") },
      ]}
    />
  );
}

/** The latest deliveries. */
export function Deliveries({ deliveries }: { deliveries: readonly Delivery[] }) {
  const { region } = useDetector();
  return (
    <Table
      items={deliveries}
      wrapLines
      ariaLabels={{ tableLabel: "Deliveries" }}
      header={<Header counter={`(${deliveries.length})`} description="The latest">Delivery log</Header>}
      empty={<Box>Nothing was delivered yet.</Box>}
      columnDefinitions={[
        { id: "at", header: "When", cell: ({ at }) => <Time at={at} /> },
        { id: "target", header: "Target", isRowHeader: true, cell: ({ target }) => <Text plain>{target}</Text> },
        {
          id: "finding",
          header: "Finding",
          cell: ({ finding }) => <Link href={href(["findings", finding], `?in=${region}`)} onFollow={follow}><Text>{finding}</Text></Link>,
        },
        {
          id: "outcome",
          header: "Outcome",
          cell: ({ outcome }) => <StatusIndicator type={outcome === "sent" ? "success" : "error"}><Text plain>{outcome}</Text></StatusIndicator>,
        },
      ]}
    />
  );
}
