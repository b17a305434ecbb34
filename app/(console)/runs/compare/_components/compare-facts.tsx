import Link from "next/link";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import type { Comparison } from "#lib/compare/queries";
import type { RunDetail } from "#lib/runs/queries";

/** Dollars with as many digits as say something. */
const formatCost = (usd: number | null): string => (usd === null ? "–" : `$${usd >= 1 ? usd.toFixed(2) : usd.toPrecision(2)}`);

/** Which runs they are, and in what their facts differ. */
export function CompareFacts({ comparison: { a, b, facts, costUsd } }: { comparison: Pick<Comparison, "a" | "b" | "facts" | "costUsd"> }) {
  const rows = costUsd.a === costUsd.b ? facts : [...facts, { name: "Cost", a: formatCost(costUsd.a), b: formatCost(costUsd.b) }];
  return (
    <div className="px-4 pb-5 sm:px-6">
      <table className="w-full max-w-5xl table-fixed text-left text-sm" aria-label="Facts that differ">
        <thead>
          <tr className="align-top">
            <th scope="col" className="w-1/4 py-1 pr-3 text-xs font-semibold text-ink-soft">Differs in</th>
            <th scope="col" className="py-1 pr-3 font-normal"><RunHead run={a} /></th>
            <th scope="col" className="py-1 font-normal"><RunHead run={b} /></th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, a: left, b: right }) => (
            <tr key={name} className="border-t align-top">
              <th scope="row" className="py-1 pr-3 font-normal text-ink-soft [overflow-wrap:anywhere]">{name}</th>
              <td className="py-1 pr-3 [overflow-wrap:anywhere]"><bdi>{left}</bdi></td>
              <td className="py-1 [overflow-wrap:anywhere]"><bdi>{right}</bdi></td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="mt-2 text-ink-soft">Status, duration, items, parameters and configuration are the same.</p>}
      {(a.pipeline !== b.pipeline || a.stage !== b.stage) && <p className="mt-2 text-sm text-partial">They are runs of different stages, so few of their steps can be of one name.</p>}
    </div>
  );
}

function RunHead({ run }: { run: RunDetail }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Link href={`/runs/${run.id}`} className="font-mono font-semibold text-accent hover:underline">#{run.id}</Link>
      <span className="font-medium [overflow-wrap:anywhere]">{run.stage}</span>
      <StatusMark status={run.status} />
      <Time date={run.startedAt ?? run.createdAt} className="text-ink-soft" />
    </span>
  );
}
