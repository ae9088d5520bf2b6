import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import { follow } from "../app/router";
import { often } from "../logic/sentence";
import type { Brief, Found } from "../logic/hunts";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { TypeName } from "../shared/TypeName";
import { Standing } from "./Standing";

interface Ways {
  narrow: boolean;
  /** The finding that is shown beside the list. */
  open: string | undefined;
  /** Where the detector's finding is, if it can be seen. */
  reach: (brief: Brief) => string | undefined;
  /** Where the hunt's finding is. */
  whole: (id: string) => string;
  beside: (id: string) => void;
}

const isThere = ({ live }: Found) => live.state === "current" || live.state === "archived";

/** A finding's type as the way to it, and its title. What the detector has is shown there, everything else beside the list. */
function Named({ found, open, reach, whole, beside }: Ways & { found: Found }) {
  const there = isThere(found) ? reach(found) : undefined;
  return (
    <div className="wrap" aria-current={found.id === open ? "true" : undefined}>
      <Link
        href={there ?? whole(found.id)}
        onFollow={there ? follow : (event) => {
          event.preventDefault();
          beside(found.id);
        }}
      >
        <TypeName type={found.type} />
      </Link>
      <Box variant="small" display="block"><Text plain>{found.title}</Text></Box>
    </div>
  );
}

/** The columns of what a hunt found; each sorting field is one of the address. */
export function columns(ways: Ways): TableProps.ColumnDefinition<Found>[] {
  if (ways.narrow) {
    return [
      {
        id: "type",
        header: "Finding",
        isRowHeader: true,
        cell: (found) => (
          <div className="wrap">
            <Severity value={found.severity} /> <Named found={found} {...ways} />
            {found.resource && <div><Text brief>{found.resource}</Text></div>}
            <Box variant="small" display="block">{found.accountId} {found.region}. {often(found.count)}, {found.count > 1 && "last "}<Time at={found.lastSeen} /></Box>
            <Standing found={found} />
          </div>
        ),
      },
    ];
  }
  return [
    { id: "severity", header: "Severity", sortingField: "severity", cell: ({ severity }) => <Severity value={severity} /> },
    {
      id: "type",
      header: "Finding and resource",
      sortingField: "type",
      isRowHeader: true,
      minWidth: 260,
      cell: (found) => <><Named found={found} {...ways} />{found.resource && <Text brief>{found.resource}</Text>}</>,
    },
    { id: "account", header: "Account and region", sortingField: "accountId", minWidth: 125, cell: ({ accountId, region }) => <>{accountId}<Box variant="small" display="block"><Text plain>{region}</Text></Box></> },
    { id: "count", header: "Count", sortingField: "count", cell: ({ count }) => count.toLocaleString("en") },
    { id: "seen", header: "Seen", sortingField: "lastSeen", minWidth: 125, cell: ({ count, firstSeen, lastSeen }) => <><Time at={lastSeen} />{count > 1 && <Box variant="small" display="block">first <Time at={firstSeen} /></Box>}</> },
    { id: "live", header: "In the detector", sortingField: "live", minWidth: 138, cell: (found) => <Standing found={found} /> },
  ];
}
