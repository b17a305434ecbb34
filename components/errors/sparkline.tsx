import { Sparkline } from "#components/charts/sparkline";
import type { TrendPoint } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";

/** When a point begins, UTC: `2026-07-03`, or `2026-07-03 14:00`. */
export const pointName = (at: Date, unit: "day" | "hour"): string => at.toISOString().slice(0, unit === "day" ? 10 : 16).replace("T", " ");

/** Failures over time as bars, in words for who does not see them and on hover. */
export function TrendSparkline({ points, unit, className }: { points: TrendPoint[]; unit: "day" | "hour"; className?: string }) {
  const counts = points.map(({ count }) => count);
  const sum = counts.reduce((total, count) => total + count, 0);
  const peak = points.find(({ count }) => count > 0 && count === Math.max(...counts));
  const span = `the last ${points.length} ${unit}s`;
  const words = peak ? `${formatCount(sum)} in ${span}, most on ${pointName(peak.at, unit)}: ${formatCount(peak.count)}` : `None in ${span}`;
  return (
    <span title={words} className="block border-b border-line-strong/60">
      <Sparkline counts={counts} failed={counts} label={words} className={className} />
    </span>
  );
}
