import Link from "next/link";
import { Elapsed } from "#components/layout/clock";
import { CallCost } from "#components/llm-calls/call-cost";
import { CallMark } from "#components/llm-calls/call-mark";
import { callHref } from "#components/llm-calls/calls-href";
import { formatCount } from "#lib/format/number";
import type { CallRow } from "#lib/llm-calls/queries";

const HEAD = "h-8 px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const CELL = "border-t px-2 py-1.5 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

/** The calls of a run, in the order in which they were made; each leads to the inspector. */
export function CallsBrief({ calls, label }: { calls: CallRow[]; label: string }) {
  return (
    <table aria-label={label} className="mb-4 w-full text-sm">
      <thead>
        <tr>
          <th scope="col" className={`${HEAD} text-left`}>Call</th>
          <th scope="col" className={`${HEAD} text-left`}>Role</th>
          <th scope="col" className={`${HEAD} text-left max-sm:hidden`}>Status</th>
          <th scope="col" className={`${HEAD} text-left max-md:hidden`}>Model</th>
          <th scope="col" className={`${HEAD} text-right max-md:hidden`}>Tokens</th>
          <th scope="col" className={`${HEAD} text-right`}>Cost</th>
          <th scope="col" className={`${HEAD} text-right`}>Took</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr key={call.id} className="hover:bg-hover">
            <td className={CELL}><Link href={callHref(call.id)} className="inline-flex min-h-6 items-center font-mono text-accent hover:underline">#{call.id}</Link></td>
            <td className={`${CELL} max-w-64`}><span className="block truncate">{call.role}{call.subject && <span className="text-ink-soft"> {call.subject}</span>}{call.attempt > 1 && <span className="text-ink-soft">, attempt {call.attempt}</span>}</span></td>
            <td className={`${CELL} max-sm:hidden`}><CallMark status={call.status} /></td>
            <td className={`${CELL} max-md:hidden`}>{call.model}</td>
            <td className={`${CELL} text-right tabular-nums max-md:hidden`}>{call.totalTokens === null ? "–" : formatCount(call.totalTokens)}</td>
            <td className={`${CELL} text-right tabular-nums`}><CallCost call={call} /></td>
            <td className={`${CELL} text-right tabular-nums`}><Elapsed durationMs={call.durationMs} startedAt={new Date(call.createdAt)} running={call.status === "running"} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
