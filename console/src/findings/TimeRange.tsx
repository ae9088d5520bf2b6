import Select from "@cloudscape-design/components/select";
import { useEffect, useState } from "react";
import { CLOCKS, type Clock, type Range, type Unit } from "../logic/range";
import { RangePicker, type Usual } from "../shared/RangePicker";

const USUAL: readonly Usual[] = [
  { amount: 1, unit: "hour" },
  { amount: 1, unit: "day" },
  { amount: 7, unit: "day" },
  { amount: 30, unit: "day" },
];
const UNITS: readonly Unit[] = ["minute", "hour", "day", "week", "month", "year"];
const OPTIONS = (Object.keys(CLOCKS) as Clock[]).map((value) => ({ value, label: CLOCKS[value].name }));

/** Which findings by time: of any time, of the last so long, or of a range. */
export default function TimeRange({ range, onChange }: { range?: Range; onChange: (range: Range | undefined) => void }) {
  const [of, setOf] = useState<Clock>(range?.of ?? "updatedAt");
  useEffect(() => {
    if (range) setOf(range.of);
  }, [range]);
  return (
    <div className="time-range">
      <Select
        options={OPTIONS}
        selectedOption={OPTIONS.find(({ value }) => value === of) ?? null}
        ariaLabel="Which time"
        expandToViewport
        onChange={({ detail }) => {
          const to = detail.selectedOption.value as Clock;
          setOf(to);
          if (range) onChange({ ...range, of: to });
        }}
      />
      <RangePicker of={of} range={range} usual={USUAL} units={UNITS} placeholder="Any time" label="Range of time" onChange={onChange} />
    </div>
  );
}
