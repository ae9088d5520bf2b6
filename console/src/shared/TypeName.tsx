import { Fragment } from "react";
import { visible } from "../logic/visible";

/** A finding type, which may be broken between its parts. */
export function TypeName({ type }: { type: string }) {
  const parts = visible(type).split(/(?<=[:/.])/);
  return (
    <span className="wrap">
      {parts.map((part, n) => (
        <Fragment key={n}>
          {n > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
