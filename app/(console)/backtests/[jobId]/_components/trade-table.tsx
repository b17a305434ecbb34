import Link from "next/link";
import { Section } from "#components/ui/section";
import { ACTION_WORDS } from "#lib/backtests/fields";
import type { SimulatedDay } from "#lib/backtests/queries";
import { formatCount } from "#lib/format/number";
import { money } from "../../_components/amounts";

/** Trades drawn; all of them are in the export. */
const MOST = 200;

/** What was bought and sold, newest first; of one model when one is chosen. */
export function TradeTable({ days, model, jobId }: { days: SimulatedDay[]; model: string | null; jobId: string }) {
  const trades = days
    .filter((day) => model === null || day.model === model)
    .flatMap((day) => day.positions.filter(({ actionType }) => actionType !== "no_trade").map((position) => ({ ...position, date: day.date, model: day.model })))
    .toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : a.model < b.model ? -1 : a.model > b.model ? 1 : a.actionId - b.actionId));
  return (
    <Section title="Trades" note={`${formatCount(trades.length)}${model === null ? "" : ` of ${model}`}${trades.length > MOST ? `, the newest ${MOST}` : ""}`} actions={model !== null && <Link href={`/backtests/${jobId}`} scroll={false} className="text-sm text-accent hover:underline">Of every model</Link>}>
      {trades.length === 0 ? (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">No trade yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section aria-label="Trades, a table" tabIndex={0} className="max-h-96 overflow-auto px-4 pb-4 sm:px-6">
          <table className="w-full text-sm">
            <thead className="sticky top-0 bg-ground text-xs text-ink-soft">
              <tr>
                {["Date", "Model", "Act", "Symbol"].map((head) => <th key={head} scope="col" className="py-1.5 pr-3 text-left font-semibold">{head}</th>)}
                {["Shares", "Price", "Amount", "Cash after"].map((head) => <th key={head} scope="col" className="px-3 py-1.5 text-right font-semibold whitespace-nowrap">{head}</th>)}
              </tr>
            </thead>
            <tbody>
              {trades.slice(0, MOST).map((trade) => (
                <tr key={`${trade.date} ${trade.model} ${trade.actionId}`} className="border-t">
                  <td className="py-1 pr-3 whitespace-nowrap"><Link href={`/backtests/${jobId}?date=${trade.date}&model=${encodeURIComponent(trade.model)}`} prefetch={false} scroll={false} className="text-accent hover:underline">{trade.date}</Link></td>
                  <td className="py-1 pr-3 whitespace-nowrap">{trade.model}</td>
                  <td className="py-1 pr-3">{ACTION_WORDS[trade.actionType]}</td>
                  <td className="py-1 pr-3 font-mono">{trade.symbol}</td>
                  <td className="px-3 py-1 text-right">{formatCount(trade.quantity)}</td>
                  <td className="px-3 py-1 text-right">{money(trade.price)}</td>
                  <td className="px-3 py-1 text-right">{money(trade.quantity * trade.price)}</td>
                  <td className="px-3 py-1 text-right">{money(trade.cash)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Section>
  );
}
