import { css } from "#components/ui/css";
import { formatPrice } from "#lib/format/number";
import type { Bar } from "#lib/pipelines/trading/price-rows";
import type { Level } from "#lib/pipelines/trading/run-report";

/** Units of the drawing: bars are ten wide, prices a thousand high; it is stretched to its place. */
const STEP = 10;
const HEIGHT = 1_000;
/** Labels nearer to each other than this share of the height would lie on each other. */
const LEAST_GAP = 0.075;

const COLOURS: Record<Level["name"] | "Close", string> = { Close: "var(--ink-soft)", Entry: "var(--accent)", "Stop loss": "var(--failed)", "Take profit": "var(--completed)", "New stop loss": "var(--failed)", "New take profit": "var(--completed)" };

/** Bars up to the one that was decided on, with the prices of the decision: as a picture, in words, and as a table. */
export function PriceChart({ symbol, timeframe, bars, levels, action }: { symbol: string; timeframe: string; bars: Bar[]; levels: Level[]; action: string | null }) {
  const last = bars.at(-1);
  const first = bars[0];
  if (!last || !first) return null;
  const marks = [...levels, ...(levels.some(({ name }) => name === "Entry") ? [] : [{ name: "Close" as const, price: last.close }])];
  const prices = [...bars.flatMap(({ high, low }) => [high, low]), ...marks.map(({ price }) => price)];
  const [most, least] = [Math.max(...prices), Math.min(...prices)];
  const room = (most - least) * 0.05 || most * 0.01;
  const share = (price: number) => (most + room - price) / (most - least + 2 * room);
  const y = (price: number) => Math.round(share(price) * HEIGHT);
  const day = (at: Date) => at.toISOString().slice(0, timeframe === "D1" || timeframe === "W1" ? 10 : 16).replace("T", " ");
  const words = `${symbol} ${timeframe}, ${bars.length} bars to ${day(last.at)} UTC, closing at ${formatPrice(last.close)}. Decision: ${action ?? "none"}${levels.map(({ name, price }) => `, ${name.toLowerCase()} ${formatPrice(price)}`).join("")}.`;
  return (
    <figure className="px-4 pb-4 sm:px-6">
      <figcaption className="pb-1 text-sm text-ink-soft">{words}</figcaption>
      <div className="relative h-64 pr-32" role="img" aria-label={`Price chart: ${words}`}>
        <svg aria-hidden viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" className="h-full w-full overflow-visible border-b">
          <path d={bars.map(({ high, low }, index) => `M${index * STEP + 5} ${y(high)}V${y(low)}`).join("")} stroke="var(--ink-soft)" vectorEffect="non-scaling-stroke" />
          <path d={bodies(bars.map((bar, index) => ({ ...bar, index })).filter(({ open, close }) => close >= open), y)} fill="var(--completed)" />
          <path d={bodies(bars.map((bar, index) => ({ ...bar, index })).filter(({ open, close }) => close < open), y)} fill="var(--failed)" />
          <path d={`M${(bars.length - 0.5) * STEP} 0V${HEIGHT}`} stroke="var(--accent)" strokeDasharray="2 3" vectorEffect="non-scaling-stroke" />
          {marks.map(({ name, price }) => <path key={name} d={`M0 ${y(price)}H${bars.length * STEP}`} stroke={COLOURS[name]} strokeWidth="1.5" strokeDasharray={name === "Entry" ? undefined : "6 4"} vectorEffect="non-scaling-stroke" />)}
        </svg>
        {spread(marks.map((mark) => ({ ...mark, at: share(mark.price) }))).map(({ name, price, at }) => (
          <span key={name} aria-hidden {...css({ top: `${at * 100}%`, color: COLOURS[name] })} className="absolute right-0 w-30 -translate-y-1/2 truncate text-xs font-medium">
            {name} {formatPrice(price)}
          </span>
        ))}
      </div>
      <p aria-hidden className="flex justify-between pt-1 pr-32 text-xs text-ink-soft"><span>{day(first.at)}</span><span>{action ? `${action}, ` : ""}{day(last.at)}</span></p>
      <details className="mt-1 text-sm">
        <summary className="w-fit cursor-pointer text-accent">Show as table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <section aria-label={`Bars of ${symbol}`} tabIndex={0} className="mt-1 max-h-72 overflow-auto rounded-md border">
          <table className="w-full text-right tabular-nums">
            <thead className="sticky top-0 bg-sunken text-xs text-ink-soft">
              <tr><th scope="col" className="px-3 py-1.5 text-left font-semibold">Bar (UTC)</th>{["Open", "High", "Low", "Close"].map((head) => <th key={head} scope="col" className="px-3 py-1.5 font-semibold">{head}</th>)}</tr>
            </thead>
            <tbody>
              {bars.toReversed().map(({ at, open, high, low, close }) => (
                <tr key={at.getTime()} className="border-t">
                  <th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap">{day(at)}</th>
                  {[["o", open], ["h", high], ["l", low], ["c", close]].map(([name, value]) => <td key={name} className="px-3 py-1">{formatPrice(Number(value))}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}

const bodies = (bars: (Bar & { index: number })[], y: (price: number) => number): string =>
  bars.map(({ open, close, index }) => `M${index * STEP + 2} ${y(Math.max(open, close))}h6v${Math.max(3, Math.abs(y(open) - y(close)))}h-6z`).join("");

/** Labels from the top down, each pushed off the one above it. */
function spread<T extends { at: number }>(labels: T[]): T[] {
  let floor = -1;
  return labels.toSorted((a, b) => a.at - b.at).map((label) => {
    const at = Math.max(label.at, floor + LEAST_GAP);
    floor = at;
    return { ...label, at };
  });
}
