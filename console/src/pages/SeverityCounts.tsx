import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import { useScope } from "../app/region";
import { follow, href } from "../app/router";
import { query } from "../logic/words";
import { bySeverityName } from "../logic/perDay";
import { severityWords } from "../logic/severity";
import { SeverityBadge } from "../shared/Severity";

interface Props {
  groups: readonly { Severity?: number; TotalFindings?: number }[];
}

/** How many findings there are of each severity; each number leads to them. */
export function SeverityCounts({ groups }: Props) {
  const { region } = useScope();
  return (
    <Container>
      <ColumnLayout columns={4} variant="text-grid" minColumnWidth={110}>
        {bySeverityName(groups).map(([name, count]) => (
          <div key={name}>
            <SeverityBadge name={name} />
            <Box padding={{ top: "xxs" }}>
              <Link
                fontSize="display-l"
                variant="secondary"
                href={href(["findings"], query([`in=${region}`, ...severityWords(name)]))}
                ariaLabel={`${count} findings of severity ${name}`}
                onFollow={follow}
              >
                {count.toLocaleString("en")}
              </Link>
            </Box>
          </div>
        ))}
      </ColumnLayout>
    </Container>
  );
}
