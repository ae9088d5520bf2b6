import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { follow } from "../app/router";
import type { Brief } from "../logic/hunts";
import { often } from "../logic/sentence";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { TypeName } from "../shared/TypeName";
import { useNarrow } from "../shared/useNarrow";

interface Props {
  briefs: readonly Brief[];
  more: boolean;
  reach: (brief: Brief) => string | undefined;
}

/** What the detectors hold of the same accounts and time, and the hunt did not find. */
export function OnlyLive({ briefs, more, reach }: Props) {
  const narrow = useNarrow();
  if (briefs.length === 0) return null;
  const named = (brief: Brief) => {
    const to = reach(brief);
    const type = <TypeName type={brief.type} />;
    return (
      <div className="wrap">
        {to ? <Link href={to} onFollow={follow}>{type}</Link> : type}
        <Box variant="small" display="block"><Text plain>{brief.title}</Text></Box>
        {brief.resource && <Text brief>{brief.resource}</Text>}
      </div>
    );
  };
  const wide: TableProps.ColumnDefinition<Brief>[] = [
    { id: "severity", header: "Severity", cell: ({ severity }) => <Severity value={severity} /> },
    { id: "type", header: "Finding and resource", isRowHeader: true, minWidth: 260, cell: named },
    { id: "account", header: "Account and region", cell: ({ accountId, region }) => <>{accountId}<Box variant="small" display="block"><Text plain>{region}</Text></Box></> },
    { id: "count", header: "Count", cell: ({ count }) => count.toLocaleString("en") },
    { id: "last", header: "Last seen", cell: ({ lastSeen }) => <Time at={lastSeen} /> },
  ];
  const one: TableProps.ColumnDefinition<Brief>[] = [
    {
      id: "type",
      header: "Finding",
      isRowHeader: true,
      cell: (brief) => (
        <>
          <Severity value={brief.severity} /> {named(brief)}
          <Box variant="small" display="block">{brief.accountId} {brief.region}. {often(brief.count)}, {brief.count > 1 && "last "}<Time at={brief.lastSeen} /></Box>
        </>
      ),
    },
  ];
  return (
    <Table
      items={briefs}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Only in the detector" }}
      header={
        <Header
          counter={`(${briefs.length.toLocaleString("en")}${more ? "+" : ""})`}
          description={`Found while the logs came in, and not by this hunt: other lists or settings were in effect, or the logs are not in its range and sources.${more ? " The severest are shown." : ""}`}
        >
          Only in the detector
        </Header>
      }
      columnDefinitions={narrow ? one : wide}
    />
  );
}
