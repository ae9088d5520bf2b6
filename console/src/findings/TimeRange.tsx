import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import Icon from "@cloudscape-design/components/icon";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import Select from "@cloudscape-design/components/select";
import { useEffect, useState } from "react";
import messages from "virtual:messages/findings";
import { between, CLOCKS, isRelative, last, type Clock, type Range } from "../logic/range";
import { localRange } from "../logic/time";

const USUAL: DateRangePickerProps.RelativeOption[] = [
  { key: "1h", amount: 1, unit: "hour", type: "relative" },
  { key: "1d", amount: 1, unit: "day", type: "relative" },
  { key: "7d", amount: 7, unit: "day", type: "relative" },
  { key: "30d", amount: 30, unit: "day", type: "relative" },
];
const OPTIONS = (Object.keys(CLOCKS) as Clock[]).map((value) => ({ value, label: CLOCKS[value].name }));

function shown(range: Range | undefined): DateRangePickerProps.Value | null {
  if (!range) return null;
  if (!isRelative(range)) return { type: "absolute", startDate: range.from, endDate: range.to };
  const { amount, unit } = range;
  const key = USUAL.find((one) => one.amount === amount && one.unit === unit)?.key;
  return { type: "relative", amount, unit, key };
}

function chosen(of: Clock, value: DateRangePickerProps.Value): Range | undefined {
  if (value.type === "absolute") return between(of, value.startDate, value.endDate);
  return value.unit === "second" ? undefined : last(of, value.amount, value.unit);
}

/** Says what is wrong with a range before it is applied. */
function check(value: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (!value || chosen("updatedAt", value)) return { valid: true };
  if (value.type === "relative") return { valid: false, errorMessage: "Choose a whole number of 1 to 10,000." };
  const whole = !Number.isNaN(Date.parse(value.startDate)) && !Number.isNaN(Date.parse(value.endDate));
  return { valid: false, errorMessage: whole ? "The range ends before it begins." : "Choose the day on which it begins and the day on which it ends." };
}

/** Which findings by time: of any time, of the last so long, or of a range. */
export default function TimeRange({ range, onChange }: { range?: Range; onChange: (range: Range | undefined) => void }) {
  const [of, setOf] = useState<Clock>(range?.of ?? "updatedAt");
  useEffect(() => {
    if (range) setOf(range.of);
  }, [range]);
  const moments = range && !isRelative(range) ? localRange(new Date(range.from), new Date(range.to)) : undefined;
  return (
    <I18nProvider locale="en" messages={[messages]}>
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
        <DateRangePicker
          value={shown(range)}
          relativeOptions={USUAL}
          customRelativeRangeUnits={["minute", "hour", "day", "week", "month", "year"]}
          isValidRange={check}
          placeholder="Any time"
          ariaLabel="Range of time"
          expandToViewport
          // Cloudscape's own words for two moments of a day are three lines long.
          renderTriggerContent={moments === undefined ? undefined : (() => <span className="moments"><Icon name="calendar" /> <span>{moments}</span></span>)}
          onChange={({ detail }) => onChange(detail.value ? chosen(of, detail.value) : undefined)}
        />
      </div>
    </I18nProvider>
  );
}
