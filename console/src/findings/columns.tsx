import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Finding } from "@aws-sdk/client-guardduty";
import type { ReactNode } from "react";
import { follow, href } from "../app/router";
import { actorLine } from "../logic/actor";
import { resourceOf } from "../logic/resource";
import { often } from "../logic/sentence";
import { Severity } from "../shared/Severity";
import { Text } from "../shared/Text";
import { Time } from "../shared/Time";
import { TypeName } from "../shared/TypeName";

/** The region of a finding's link: its own where several are shown. */
const linkTo = (f: Finding, all: boolean, region: string) => href(["findings", f.Id ?? ""], `?in=${all ? (f.Region ?? region) : region}`);

/** The finding that is shown beside the list. */
const Current = ({ is, children }: { is: boolean; children: ReactNode }) => (is ? <div aria-current="true">{children}</div> : children);

/** The columns; each sorting field is an attribute that the API sorts by. */
export function columns(all: boolean, region: string, open?: string): TableProps.ColumnDefinition<Finding>[] {
  return [
    { id: "severity", header: "Severity", cell: (f) => <Severity value={f.Severity} />, sortingField: "severity", width: 112 },
    {
      id: "type",
      header: "Finding type",
      cell: (f) => (
        <Current is={f.Id === open}>
          <Link href={linkTo(f, all, region)} onFollow={follow}>
            <TypeName type={f.Type ?? ""} />
          </Link>
        </Current>
      ),
      sortingField: "type",
      isRowHeader: true,
      width: 255,
    },
    {
      id: "resource",
      header: all ? "Resource and region" : "Resource",
      cell: (f) => (
        <>
          <Text brief>{resourceOf(f).id}</Text>
          {all && <Box variant="small" display="block">{f.Region}</Box>}
        </>
      ),
      width: 184,
    },
    { id: "actor", header: "Actor", cell: (f) => <Text brief>{actorLine(f)}</Text>, width: 155 },
    { id: "account", header: "Account", cell: (f) => f.AccountId, sortingField: "accountId", width: 140 },
    { id: "count", header: "Count", cell: (f) => (f.Service?.Count ?? 1).toLocaleString("en"), sortingField: "service.count", width: 100 },
    { id: "last", header: "Last seen", cell: (f) => <Time at={f.Service?.EventLastSeen} />, sortingField: "service.eventLastSeen", width: 130 },
    { id: "updated", header: "Updated", cell: (f) => <Time at={f.UpdatedAt} />, sortingField: "updatedAt", width: 150 },
    { id: "first", header: "First seen", cell: (f) => <Time at={f.Service?.EventFirstSeen} />, sortingField: "service.eventFirstSeen", width: 150 },
    { id: "title", header: "Title", cell: (f) => <Text plain brief>{f.Title}</Text>, width: 260 },
  ];
}

/** Those that are shown until somebody chooses. */
export const SHOWN = ["severity", "type", "resource", "actor", "count", "last"];

/** One column that says the most important, for narrow windows. */
export function narrowColumns(all: boolean, region: string, open?: string): TableProps.ColumnDefinition<Finding>[] {
  return [
    {
      id: "type",
      header: "Finding",
      isRowHeader: true,
      cell: (f) => (
        <div className="wrap" aria-current={f.Id === open ? "true" : undefined}>
          <Severity value={f.Severity} />{" "}
          <Link href={linkTo(f, all, region)} onFollow={follow}>
            <TypeName type={f.Type ?? ""} />
          </Link>
          <div><Text brief>{resourceOf(f).id}</Text></div>
          <div><Text brief>{actorLine(f)}</Text></div>
          <Box variant="small">{often(f.Service?.Count)}, {(f.Service?.Count ?? 1) > 1 && "last "}<Time at={f.Service?.EventLastSeen} />{all && ` in ${f.Region}`}</Box>
        </div>
      ),
    },
  ];
}
