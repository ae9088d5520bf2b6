import { Fragment } from "react";
import { parse } from "../logic/time";
import { Text } from "./Text";
import { Time } from "./Time";

const ISO = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)/;

/** A sentence whose times are shown like every other time. */
export function Timed({ children = "" }: { children: string | undefined }) {
  return children.split(ISO).map((part, n) => <Fragment key={n}>{n % 2 === 1 && parse(part) ? <Time at={part} /> : <Text plain>{part}</Text>}</Fragment>);
}
