import type { Route } from "next";
import Link from "next/link";
import { Time } from "#components/layout/clock";
import { formatCount, formatUsd } from "#lib/format/number";
import type { UsageSums } from "#lib/llm-calls/sql/usage";
import type { Usage, UsageRequest } from "#lib/llm-usage/queries";

const HEAD = "h-8 px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const CELL = "border-t px-2 py-1.5 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const RIGHT = "text-right tabular-nums";

function Sums({ sums }: { sums: UsageSums }) {
  return (
    <>
      <td className={`${CELL} ${RIGHT}`}>{formatCount(sums.calls)}</td>
      <td className={`${CELL} ${RIGHT} max-sm:hidden`}>{sums.failed > 0 ? formatCount(sums.failed) : "–"}</td>
      <td className={`${CELL} ${RIGHT} max-md:hidden`}>{formatCount(sums.inputTokens)}</td>
      <td className={`${CELL} ${RIGHT} max-lg:hidden`}>{formatCount(sums.cachedTokens)}</td>
      <td className={`${CELL} ${RIGHT} max-md:hidden`}>{formatCount(sums.outputTokens)}</td>
      <td className={`${CELL} ${RIGHT} max-lg:hidden`}>{formatCount(sums.reasoningTokens)}</td>
      <td className={`${CELL} ${RIGHT} max-sm:pr-4 font-medium`} title={`of ${sums.priced} calls with a known price`}>{sums.priced === 0 && sums.calls > 0 ? "–" : formatUsd(sums.costUsd)}</td>
    </>
  );
}

const SumHeads = () => (
  <>
    <th scope="col" className={`${HEAD} text-right`}>Calls</th>
    <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>Failed</th>
    <th scope="col" className={`${HEAD} text-right max-md:hidden`}>Input</th>
    <th scope="col" className={`${HEAD} text-right max-lg:hidden`}>Cached</th>
    <th scope="col" className={`${HEAD} text-right max-md:hidden`}>Output</th>
    <th scope="col" className={`${HEAD} text-right max-lg:hidden`}>Reasoning</th>
    <th scope="col" className={`${HEAD} text-right max-sm:pr-4`}>Cost</th>
  </>
);

/** The calls that a row is made of, as the list of calls asks for them. */
function rowHref({ by, days, days: _, granularity: __, ...narrowed }: UsageRequest, key: string): Route {
  const [first = "", ...rest] = key.split("/");
  const own: Record<string, string> = by === "model" ? { provider: first, model: rest.join("/") } : by === "stage" ? { pipeline: first, stage: rest.join("/") } : { [by]: key };
  const given = Object.fromEntries(Object.entries(narrowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return `/ai-audit?${new URLSearchParams({ created: `${days}d`, ...given, ...own })}` as Route;
}

/** One row each, the dearest first; its name leads to its calls. */
export function UsageTable({ groups, asked }: { groups: Usage["groups"]; asked: UsageRequest }) {
  return (
    <table aria-label={`Usage by ${asked.by}`} className="mb-4 w-full text-sm">
      <thead><tr><th scope="col" className={`${HEAD} text-left`}>{asked.by.charAt(0).toUpperCase() + asked.by.slice(1)}</th><SumHeads /><th scope="col" className={`${HEAD} text-left max-sm:hidden`}>Last</th></tr></thead>
      <tbody>
        {groups.map((group) => (
          <tr key={group.key} className="hover:bg-hover">
            <th scope="row" className={`${CELL} max-w-72 truncate text-left font-normal`}>
              {group.key ? <Link href={rowHref(asked, group.key)} className="inline-block min-h-6 leading-6 text-accent hover:underline">{group.key}</Link> : <span className="text-ink-soft">none</span>}
            </th>
            <Sums sums={group} />
            <td className={`${CELL} max-sm:hidden`}><Time date={group.lastAt} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The chart in numbers: times with calls, the newest first. */
export function UsageByDay({ series, hourly }: { series: Usage["series"]; hourly: boolean }) {
  const used = series.filter(({ total }) => total.calls > 0).toReversed();
  return (
    <table aria-label={hourly ? "Usage by hour" : "Usage by day"} className="mb-8 w-full text-sm">
      <thead><tr><th scope="col" className={`${HEAD} text-left`}>{hourly ? "Hour (UTC)" : "Day (UTC)"}</th><SumHeads /></tr></thead>
      <tbody>
        {used.map(({ at, total }) => (
          <tr key={at.getTime()} className="hover:bg-hover">
            <th scope="row" className={`${CELL} text-left font-normal whitespace-nowrap`}>{at.toISOString().slice(0, hourly ? 16 : 10).replace("T", " ")}</th>
            <Sums sums={total} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
