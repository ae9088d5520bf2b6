import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import { follow, href } from "../app/router";
import { actorLine } from "../logic/actor";
import { resourceOf } from "../logic/resource";
import { visible } from "../logic/visible";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";

/** The columns; each sorting field is an attribute that the API sorts by. */
export function columns(region: string): TableProps.ColumnDefinition<Finding>[] {
  return [
    { id: "severity", header: "Severity", cell: (f) => <Severity value={f.Severity} />, sortingField: "severity", minWidth: 110 },
    {
      id: "type",
      header: "Finding type",
      cell: (f) => (
        <Link href={href(["findings", f.Id ?? ""], `?in=${region}`)} onFollow={follow}>
          <span className="wrap">{visible(f.Type ?? "")}</span>
        </Link>
      ),
      sortingField: "type",
      isRowHeader: true,
      minWidth: 260,
    },
    { id: "resource", header: "Resource", cell: (f) => <Text brief>{resourceOf(f).id}</Text>, minWidth: 180 },
    { id: "actor", header: "Actor", cell: (f) => <Text brief>{actorLine(f)}</Text>, minWidth: 180 },
    { id: "account", header: "Account", cell: (f) => f.AccountId, sortingField: "accountId", minWidth: 130 },
    { id: "count", header: "Count", cell: (f) => (f.Service?.Count ?? 1).toLocaleString("en"), sortingField: "service.count", minWidth: 90 },
    { id: "last", header: "Last seen", cell: (f) => <Time at={f.Service?.EventLastSeen} />, sortingField: "service.eventLastSeen", minWidth: 170 },
    { id: "updated", header: "Updated", cell: (f) => <Time at={f.UpdatedAt} />, sortingField: "updatedAt", minWidth: 170 },
    { id: "first", header: "First seen", cell: (f) => <Time at={f.Service?.EventFirstSeen} />, sortingField: "service.eventFirstSeen", minWidth: 170 },
    { id: "title", header: "Title", cell: (f) => <Text plain brief>{f.Title}</Text>, minWidth: 260 },
  ];
}

/** Those that are shown until somebody chooses. */
export const SHOWN = ["severity", "type", "resource", "actor", "count", "last"];
