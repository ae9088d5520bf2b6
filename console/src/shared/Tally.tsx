import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import { follow } from "../app/router";
import { Text } from "./Text";

export interface TallyRow {
  name: string;
  count: number;
  /** Where its findings are. */
  to?: string;
  note?: string;
}

/** Names with their counts, each a link to its findings. */
export function Tally({ title, rows, empty }: { title: string; rows: readonly TallyRow[]; empty: string }) {
  return (
    <Container fitHeight header={<Header variant="h2">{title}</Header>}>
      {rows.length === 0 ? (
        <Box>{empty}</Box>
      ) : (
        <table className="tally">
          <thead className="visually-hidden"><tr><th scope="col">Name</th><th scope="col">Findings</th></tr></thead>
          <tbody>
            {rows.map(({ name, count, to, note }) => (
              <tr key={`${name}/${note ?? ""}`}>
                <th scope="row">
                  {to ? <Link href={to} onFollow={follow}><Text plain brief>{name}</Text></Link> : <Text plain brief>{name}</Text>}
                  {note && <Box variant="small" display="block">{note}</Box>}
                </th>
                <td>{count.toLocaleString("en")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Container>
  );
}
