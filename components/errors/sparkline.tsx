import { classNames } from "#components/ui/class-names";
import { formatCount } from "#lib/format/number";
import type { TrendPoint } from "#lib/error-groups/queries";

const HEIGHT = 24;
const STEP = 6;

/** When a point begins, UTC: `2026-07-03`, or `2026-07-03 14:00`. */
export const pointName = (at: Date, unit: "day" | "hour"): string => at.toISOString().slice(0, unit === "day" ? 10 : 16).replace("T", " ");

/** Failures over time as bars, each to the height of the highest; without axes, in words for who does not see it. */
export function Sparkline({ points, unit, className }: { points: TrendPoint[]; unit: "day" | "hour"; className?: string }) {
  const most = Math.max(1, ...points.map(({ count }) => count));
  const sum = points.reduce((total, { count }) => total + count, 0);
  const peak = points.find(({ count }) => count === most);
  const span = `the last ${points.length} ${unit}s`;
  const words = peak ? `${formatCount(sum)} in ${span}, most on ${pointName(peak.at, unit)}: ${formatCount(peak.count)}` : `None in ${span}`;
  return (
    <svg role="img" aria-label={words} viewBox={`0 0 ${points.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" className={classNames("block", className)}>
      <title>{words}</title>
      {points.map(({ at, count }, n) => {
        // What happened at all is seen, however small it is beside the rest.
        const height = count === 0 ? 1 : Math.max(3, Math.round((count / most) * HEIGHT));
        return <rect key={at.getTime()} x={n * STEP} y={HEIGHT - height} width={STEP - 2} height={height} className={count === 0 ? "fill-line-strong/60" : "fill-failed"} />;
      })}
    </svg>
  );
}
