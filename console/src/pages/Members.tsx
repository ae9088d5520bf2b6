import type { Member } from "@aws-sdk/client-guardduty";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useFlash } from "../app/flash";
import { ACCOUNT, invite, remove } from "../api/members";
import type { Place } from "../api/places";
import { useMayWrite } from "../session/SessionContext";
import { Confirm } from "../shared/Confirm";
import { Time } from "../shared/Time";

interface Row {
  place: Place;
  member: Member;
}

interface Props {
  places: readonly Place[];
  rows: readonly Row[];
  onChanged: () => void;
}

/** Accounts that this one watches over, region by region. */
export function Members({ places, rows, onChanged }: Props) {
  const mayWrite = useMayWrite();
  const { tell } = useFlash();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Row>();
  return (
    <>
      <Table
        items={rows}
        wrapLines
        ariaLabels={{ tableLabel: "Member accounts" }}
        header={
          <Header
            counter={`(${rows.length})`}
            description="The first 50 of each region. Their findings are seen with their own users for now."
            actions={mayWrite && places.length > 0 && <Button onClick={() => setInviting(true)}>Invite an account</Button>}
          >
            Member accounts
          </Header>
        }
        empty={<Box>No account is a member of this one.</Box>}
        columnDefinitions={[
          { id: "account", header: "Account", isRowHeader: true, cell: ({ member }) => member.AccountId },
          { id: "region", header: "Region", cell: ({ place }) => place.region },
          { id: "state", header: "Relation", cell: ({ member }) => member.RelationshipStatus },
          { id: "since", header: "Updated", cell: ({ member }) => <Time at={member.UpdatedAt} /> },
          ...(mayWrite
            ? [
                {
                  id: "actions",
                  header: "Actions",
                  cell: (row: Row) => (
                    <Button variant="inline-link" ariaLabel={`Remove ${row.member.AccountId} in ${row.place.region}`} onClick={() => setRemoving(row)}>Remove</Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {inviting && (
        <Invite
          places={places}
          onClose={() => setInviting(false)}
          onInvited={(account, region) => {
            tell({ type: "success", text: `${account} is invited in ${region}. It becomes a member when it accepts.` });
            onChanged();
          }}
        />
      )}
      {removing && (
        <Confirm
          title="Remove the member?"
          action="Remove"
          onClose={() => setRemoving(undefined)}
          run={async () => {
            const { place, member } = removing;
            await remove(place, member.AccountId ?? "", member.RelationshipStatus ?? "");
            onChanged();
          }}
        >
          <Box>Account {removing.member.AccountId} is no member in {removing.place.region} any more. Its detector and findings stay.</Box>
        </Confirm>
      )}
    </>
  );
}

interface InviteProps {
  places: readonly Place[];
  onClose: () => void;
  onInvited: (account: string, region: string) => void;
}

function Invite({ places, onClose, onInvited }: InviteProps) {
  const [account, setAccount] = useState("");
  const [email, setEmail] = useState("");
  const [region, setRegion] = useState(places[0]?.region ?? "");
  const options = places.map((place) => ({ value: place.region, label: place.region }));
  const right = ACCOUNT.test(account.trim());
  return (
    <Confirm
      title="Invite an account"
      action="Invite"
      incomplete={!right || !email.includes("@")}
      onClose={onClose}
      run={async () => {
        const place = places.find((one) => one.region === region);
        if (!place) throw new Error("Choose a region.");
        await invite(place, account.trim(), email.trim());
        onInvited(account.trim(), region);
      }}
    >
      <FormField label="Account id" errorText={account && !right ? "Twelve digits" : undefined}>
        <Input value={account} inputMode="numeric" onChange={({ detail }) => setAccount(detail.value)} />
      </FormField>
      <FormField label="E-mail address" description="The API wants the account's address. No mail is sent.">
        <Input value={email} inputMode="email" onChange={({ detail }) => setEmail(detail.value)} />
      </FormField>
      <FormField label="Region">
        <Select options={options} selectedOption={options.find(({ value }) => value === region) ?? null} onChange={({ detail }) => setRegion(detail.selectedOption.value ?? "")} />
      </FormField>
    </Confirm>
  );
}
