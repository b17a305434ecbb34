import Link from "next/link";
import { SeriesFigure } from "#components/backtests/series-figure";
import { Section } from "#components/ui/section";
import type { SimulatedDay } from "#lib/backtests/queries";

/** What one model held on each date, at that date's prices, and its cash. */
export function HoldingsOverTime({ jobId, days, model, models }: { jobId: string; days: SimulatedDay[]; model: string; models: string[] }) {
  const own = days.filter((day) => day.model === model);
  const dates = own.map(({ date }) => date);
  const symbols = [...new Set(own.flatMap(({ holdings }) => holdings.map(({ symbol }) => symbol)))].toSorted();
  const cents = (value: number) => Math.round(value * 100) / 100;
  const worth = (day: SimulatedDay, symbol: string) => {
    const held = day.holdings.find((holding) => holding.symbol === symbol);
    return held ? cents(held.quantity * held.price) : 0;
  };
  const series = [{ name: "Cash", values: own.map(({ endingCash }) => cents(Number(endingCash))) }, ...symbols.map((symbol) => ({ name: symbol, values: own.map((day) => worth(day, symbol)) }))];
  const last = own.at(-1);
  const held = last?.holdings.map(({ symbol, quantity }) => `${quantity} ${symbol}`).join(", ");
  return (
    <Section title="Holdings over time" note={model}>
      <nav aria-label="Whose holdings" className="flex flex-wrap gap-1 px-4 pb-2 sm:px-6">
        {models.map((name) => (
          <Link key={name} href={`/backtests/${jobId}?model=${encodeURIComponent(name)}`} scroll={false} prefetch={false} aria-current={name === model ? "true" : undefined} className="inline-flex min-h-7 items-center rounded-md px-2 text-sm text-ink-soft hover:bg-hover aria-[current=true]:bg-accent-wash aria-[current=true]:font-semibold aria-[current=true]:text-accent">
            {name}
          </Link>
        ))}
      </nav>
      {last ? (
        <SeriesFigure key={model} label={`Holdings of ${model} by date`} kind="stacked" unit="money" height={220} dates={dates} series={series} summary={`On ${last.date}: ${held || "cash alone"}`} />
      ) : (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">{model} has no simulated day in this job.</p>
      )}
    </Section>
  );
}
