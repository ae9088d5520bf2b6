import Button from "@cloudscape-design/components/button";
import { Fragment, useState, type ReactNode } from "react";
import { LONG, parts, shortened } from "../logic/visible";

/** So much of a text a table shows. */
const BRIEF = 60;

/** Names are broken after their separators, before they are broken anywhere. */
function broken(text: string): ReactNode {
  if (text.length > LONG) return text;
  return text.split(/(?<=[/.:@,_])/).map((part, n) => <Fragment key={n}>{n > 0 && <wbr />}{part}</Fragment>);
}

interface Props {
  children: string | undefined;
  /** Without the typewriter's look: for titles and sentences. */
  plain?: boolean;
  /** Cut long text without a way to see the rest: for tables, whose rows lead to it. */
  brief?: boolean;
}

/** Text that comes from logs: never more than text, and nothing in it is unseen. */
export function Text({ children = "", plain, brief }: Props) {
  const [open, setOpen] = useState(false);
  const long = children.length > (brief ? BRIEF : LONG);
  const shown = long && !open ? shortened(children, brief ? BRIEF : LONG) : children;
  return (
    <bdi className={plain ? "wrap" : "text"}>
      {parts(shown).map((part, n) =>
        part.hidden ? (
          <span key={n} className="hidden-character" title="A character that would not be seen">{part.text}</span>
        ) : plain ? (
          part.text
        ) : (
          <Fragment key={n}>{broken(part.text)}</Fragment>
        ),
      )}
      {long && !brief && (
        <Button variant="inline-link" onClick={() => setOpen(!open)}>
          {open ? "Show less" : `Show all ${children.length.toLocaleString("en")} characters`}
        </Button>
      )}
    </bdi>
  );
}
