import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ALL_ACCOUNTS, type Hunts } from "../logic/hunts";
import { useSession } from "../session/SessionContext";

interface Props {
  may: Hunts;
  accounts: readonly string[];
  fault: string | undefined;
  onChange: (accounts: string[]) => void;
}

type Which = "own" | "some" | "all";

/** Whose logs are read: one's own, some that one may, or all. */
export function Accounts({ may: { members = [], all }, accounts, fault, onChange }: Props) {
  const { accountId } = useSession().session;
  const [choosing, setChoosing] = useState(false);
  const known = [accountId, ...members.filter((one) => one !== accountId)];
  const others = accounts.some((one) => one !== accountId);
  const which: Which = accounts.includes(ALL_ACCOUNTS) ? "all" : others || choosing ? "some" : "own";
  const options = [...new Set([...known, ...accounts.filter((one) => one !== ALL_ACCOUNTS)])].map((value) => ({ value, label: value, description: value === accountId ? "This account" : undefined }));
  const items = [
    { value: "own", label: `This account, ${accountId}` },
    ...(options.length > 1 ? [{ value: "some", label: "Chosen accounts" }] : []),
    ...(all || known.length > 1
      ? [{ value: "all", label: all ? "All accounts of the sources" : `All ${known.length} accounts that you may hunt`, description: all ? "Those without a detector here too" : undefined }]
      : []),
  ];
  return (
    <FormField label="Accounts" errorText={fault}>
      <SpaceBetween size="s">
        <RadioGroup
          value={which}
          items={items}
          ariaLabel="Accounts"
          onChange={({ detail }) => {
            setChoosing(detail.value === "some");
            onChange(detail.value === "all" ? [ALL_ACCOUNTS] : []);
          }}
        />
        {which === "some" && (
          <Multiselect
            options={options}
            selectedOptions={options.filter(({ value }) => accounts.includes(value))}
            placeholder="None chosen: this account alone"
            ariaLabel="Chosen accounts"
            filteringType="auto"
            onChange={({ detail }) => {
              setChoosing(true);
              onChange(detail.selectedOptions.flatMap(({ value }) => value ?? []));
            }}
            deselectAriaLabel={(option) => `Leave out ${option.label}`}
          />
        )}
      </SpaceBetween>
    </FormField>
  );
}
