// What GuardDuty would charge and what the machine costs, side by side.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Spinner from "@cloudscape-design/components/spinner";
import type { Query } from "../api/useQuery";
import { machineCost, sumOf, type MachineCost } from "../logic/costs";
import { money, type Status } from "../logic/sources";

interface Props {
  /** GuardDuty's amounts by data source. */
  totals: readonly ({ Amount?: string; Unit?: string } | undefined)[];
  status: Query<{ told: Status | undefined }>;
  region: string;
}

const Amount = ({ children, of }: { children: string; of: string }) => (
  <>
    <Box fontSize="heading-xl" fontWeight="bold">{children}</Box>
    <Box variant="small" display="block">{of}</Box>
  </>
);

export function Costs({ totals, status, region }: Props) {
  const { amount, unit } = sumOf(totals);
  return (
    <Container header={<Header variant="h2" description="The machine does its work for all accounts and regions, and its price does not rise with what is read">What it costs</Header>}>
      <KeyValuePairs
        columns={2}
        items={[
          { label: "GuardDuty would charge", value: <Amount of={`for what was read in ${region} in the last 30 days, of this account and its members`}>{money(String(amount), unit)}</Amount> },
          { label: "This machine costs", value: status.data ? <Machine cost={machineCost(status.data.told)} /> : status.loading ? <Spinner /> : "Not known: the server did not tell its status." },
        ]}
      />
    </Container>
  );
}

function Machine({ cost }: { cost: MachineCost }) {
  switch (cost.at) {
    case "told":
      return <Amount of="a month, as the settings file says">{money(String(cost.dollars), "USD")}</Amount>;
    case "untold":
      return (
        <>
          The server has not been told. Write it into the settings file, for example:
          <pre className="raw">{"[machine]\ndollars_per_month = 60"}</pre>
        </>
      );
    case "hidden":
      return <>Shown to administrators.</>;
    case "old":
      return <>This server does not tell it: it is older than this page.</>;
  }
}
