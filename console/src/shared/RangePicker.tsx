// A range of time is chosen from a calendar, or as the last so long.
import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import Icon from "@cloudscape-design/components/icon";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "virtual:messages/findings";
import { between, isRelative, last, type Clock, type Range, type Unit } from "../logic/range";
import { localRange } from "../logic/time";

/** A range that is offered by its name. */
export interface Usual {
  amount: number;
  unit: Unit;
}

function shown(range: Range | undefined): DateRangePickerProps.Value | null {
  if (!range) return null;
  if (!isRelative(range)) return { type: "absolute", startDate: range.from, endDate: range.to };
  const { amount, unit } = range;
  return { type: "relative", amount, unit, key: `${amount} ${unit}` };
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

interface Props {
  of: Clock;
  range: Range | undefined;
  usual: readonly Usual[];
  units: readonly Unit[];
  placeholder: string;
  label?: string;
  /** A range must be chosen: there is no way to take it back. */
  needed?: boolean;
  invalid?: boolean;
  onChange: (range: Range | undefined) => void;
}

export function RangePicker({ of, range, usual, units, placeholder, label, needed, invalid, onChange }: Props) {
  const moments = range && !isRelative(range) ? localRange(new Date(range.from), new Date(range.to)) : undefined;
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <DateRangePicker
        value={shown(range)}
        relativeOptions={usual.map(({ amount, unit }) => ({ key: `${amount} ${unit}`, amount, unit, type: "relative" }))}
        customRelativeRangeUnits={[...units]}
        isValidRange={check}
        placeholder={placeholder}
        ariaLabel={label}
        showClearButton={!needed}
        invalid={invalid}
        expandToViewport
        // Cloudscape's own words for two moments of a day are three lines long.
        renderTriggerContent={moments === undefined ? undefined : (() => <span className="moments"><Icon name="calendar" /> <span>{moments}</span></span>)}
        onChange={({ detail }) => onChange(detail.value ? chosen(of, detail.value) : undefined)}
      />
    </I18nProvider>
  );
}
