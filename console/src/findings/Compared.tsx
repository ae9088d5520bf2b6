import type { Comparison } from "../logic/explanation";
import { Text } from "../shared/Text";

const WIDTH = 400;
const HEIGHT = 34;

/** Observed beside usual, each pair to its own scale: the units of observations differ. The table below has the numbers. */
export function Compared({ comparisons }: { comparisons: readonly Comparison[] }) {
  return (
    <div role="group" aria-label="Observed against what is usual or allowed">
      {comparisons.map(({ name, observed, against, label }) => {
        const most = Math.max(Math.abs(observed), Math.abs(against), Number.MIN_VALUE);
        const width = (n: number) => Math.max(2, (Math.abs(n) / most) * WIDTH);
        const said = `${name}: observed ${observed}, against ${label}`;
        return (
          <div className="bars" key={name}>
            <span><Text plain>{name}</Text></span>
            <span>
              <svg className="compared" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said} preserveAspectRatio="xMinYMid meet">
                <rect className="observed" x="0" y="2" width={width(observed)} height="14" />
                <rect className="usual" x="0" y="19" width={width(against)} height="10" />
              </svg>
              <span className="legend">
                <span><i className="observed" /> observed {observed.toLocaleString("en")}</span>
                <span><i className="usual" /> <Text plain>{label}</Text></span>
              </span>
            </span>
          </div>
        );
      })}
    </div>
  );
}
