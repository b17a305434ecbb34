import { pointName, TrendSparkline } from "#components/errors/sparkline";
import { Section } from "#components/ui/section";
import type { TrendPoint } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";

/** How often it happens, by day and by hour, as bars and as tables. */
export function GroupTrend({ days, hours }: { days: TrendPoint[]; hours: TrendPoint[] }) {
  return (
    <Section title="How often" note="UTC">
      <div className="grid gap-x-8 gap-y-4 px-4 pb-5 sm:px-6 lg:grid-cols-2">
        <Trend title="Last 14 days" points={days} unit="day" />
        <Trend title="Last 24 hours" points={hours} unit="hour" />
      </div>
    </Section>
  );
}

function Trend({ title, points, unit }: { title: string; points: TrendPoint[]; unit: "day" | "hour" }) {
  const ends = [points[0], points.at(-1)];
  const sum = points.reduce((total, { count }) => total + count, 0);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 text-xs font-semibold text-ink-soft">
        {title} <span className="font-normal">· {formatCount(sum)} {sum === 1 ? "failure" : "failures"}{sum > 1 && `, at most ${formatCount(Math.max(...points.map(({ count }) => count)))} ${unit === "day" ? "a day" : "an hour"}`}</span>
      </figcaption>
      <TrendSparkline points={points} unit={unit} className="h-16 w-full" />
      <div className="mt-0.5 flex justify-between font-mono text-xs text-ink-soft">
        {ends.map((point, n) => point && <span key={n === 0 ? "from" : "to"}>{pointName(point.at, unit)}</span>)}
      </div>
      <details className="mt-1 text-sm">
        <summary className="inline-flex min-h-6 items-center text-accent hover:underline">As a table</summary>
        <table className="mt-1 w-full max-w-72 border-separate border-spacing-0">
          <thead>
            <tr className="text-xs text-ink-soft">
              <th scope="col" className="border-b py-1 text-left font-semibold">{unit === "day" ? "Day" : "Hour"}</th>
              <th scope="col" className="border-b py-1 text-right font-semibold">Failures</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ at, count }) => (
              <tr key={at.getTime()}>
                <td className="border-b py-0.5 font-mono text-xs">{pointName(at, unit)}</td>
                <td className="border-b py-0.5 text-right">{formatCount(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
