import Link from "next/link";
import { Time } from "#components/layout/clock";
import type { Comparable } from "#lib/baseline/queries";
import { differencesOf } from "#lib/compare/rules";

/** Differences that the block shows; the comparison has them all. */
const SHOWN_MAX = 12;

/** The stage's last run that succeeded, and in what this one differs from it. */
export function LastSuccess({ run, success }: { run: Comparable; success: Comparable | null }) {
  if (!success) return <p className="text-sm text-ink-soft">No run of this stage has succeeded before.</p>;
  const differences = differencesOf(success, run);
  return (
    <div className="min-w-0">
      <h3 className="flex flex-wrap items-baseline gap-x-2 text-sm font-semibold">
        Last success
        <Link href={`/runs/${success.id}`} className="font-mono font-normal text-accent hover:underline">#{success.id}</Link>
        <Time date={success.completedAt} className="font-normal text-ink-soft" />
        <Link href={`/runs/compare?a=${success.id}&b=${run.id}`} className="font-normal text-accent hover:underline">Compare</Link>
      </h3>
      <table className="mt-1 w-full max-w-3xl table-fixed text-left text-sm" aria-label="Differences from the last success">
        <thead className="text-xs text-ink-soft">
          <tr>
            <th scope="col" className="py-0.5 pr-3 font-semibold">Differs in</th>
            <th scope="col" className="py-0.5 pr-3 font-semibold">#{success.id}</th>
            <th scope="col" className="py-0.5 font-semibold">#{run.id}</th>
          </tr>
        </thead>
        <tbody>
          {differences.slice(0, SHOWN_MAX).map(({ name, a, b }) => (
            <tr key={name} className="border-t align-top">
              <th scope="row" className="py-0.5 pr-3 font-normal text-ink-soft [overflow-wrap:anywhere]">{name}</th>
              <td className="py-0.5 pr-3 [overflow-wrap:anywhere]"><bdi className="line-clamp-3">{a}</bdi></td>
              <td className="py-0.5 [overflow-wrap:anywhere]"><bdi className="line-clamp-3">{b}</bdi></td>
            </tr>
          ))}
        </tbody>
      </table>
      {differences.length > SHOWN_MAX && <p className="mt-1 text-xs text-ink-soft">And {differences.length - SHOWN_MAX} more.</p>}
    </div>
  );
}
