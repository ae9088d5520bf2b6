import { ago, localParts, parse, utc } from "../logic/time";

interface Props {
  at: string | number | Date | undefined;
  relative?: boolean;
}

/** Local time, with UTC on hover. */
export function Time({ at, relative }: Props) {
  const date = parse(at);
  if (!date) return <>-</>;
  const [day, time] = localParts(date);
  return (
    <time dateTime={date.toISOString()} title={utc(date)}>
      <span className="whole">{day}</span> <span className="whole">{time}</span>
      {relative && <> ({ago(date, new Date())})</>}
    </time>
  );
}
