import { ago, local, parse, utc } from "../logic/time";

interface Props {
  at: string | number | Date | undefined;
  relative?: boolean;
}

/** Local time, with UTC on hover. */
export function Time({ at, relative }: Props) {
  const date = parse(at);
  if (!date) return <>-</>;
  return (
    <time dateTime={date.toISOString()} title={utc(date)}>
      {local(date)}
      {relative && <> ({ago(date, new Date())})</>}
    </time>
  );
}
