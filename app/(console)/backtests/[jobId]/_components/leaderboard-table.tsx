import Link from "next/link";
import type { Standing } from "#lib/backtests/rules";
import { formatCount } from "#lib/format/number";
import { money, signed } from "../../_components/amounts";

const HEAD = "px-3 py-1.5 text-right font-semibold whitespace-nowrap";

/** The models by what they made of it. */
export function LeaderboardTable({ ranks, jobId }: { ranks: Standing[]; jobId: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section aria-label="Leaderboard, a table" tabIndex={0} className="overflow-x-auto px-4 pb-4 sm:px-6">
      <table className="w-full text-sm">
        <thead className="text-xs text-ink-soft">
          <tr>
            <th scope="col" className="py-1.5 pr-3 text-right font-semibold">Rank</th>
            <th scope="col" className="px-3 py-1.5 text-left font-semibold">Model</th>
            <th scope="col" className={HEAD}>Return</th>
            <th scope="col" className={HEAD}>Annualised</th>
            <th scope="col" className={HEAD}>Deepest drawdown</th>
            <th scope="col" className={HEAD}>Value</th>
            <th scope="col" className={HEAD}>Best day</th>
            <th scope="col" className={HEAD}>Worst day</th>
            <th scope="col" className={HEAD}>Trades</th>
            <th scope="col" className={HEAD}>Days</th>
          </tr>
        </thead>
        <tbody>
          {ranks.map((rank, at) => (
            <tr key={rank.model} className="border-t">
              <td className="py-1.5 pr-3 text-right">{at + 1}</td>
              <th scope="row" className="px-3 py-1.5 text-left font-medium whitespace-nowrap">
                <Link href={`/backtests/${jobId}?model=${encodeURIComponent(rank.model)}`} scroll={false} className="text-accent hover:underline">{rank.model}</Link>
              </th>
              <td className="px-3 py-1.5 text-right font-medium whitespace-nowrap">{signed(rank.returnPercent)}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">{signed(rank.annualisedPercent)}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">{signed(rank.maxDrawdownPercent)}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">{money(rank.endingValue)}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">{signed(rank.best)}</td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">{signed(rank.worst)}</td>
              <td className="px-3 py-1.5 text-right">{formatCount(rank.trades)}</td>
              <td className="px-3 py-1.5 text-right">{formatCount(rank.days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
