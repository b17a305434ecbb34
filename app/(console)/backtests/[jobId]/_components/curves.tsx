import { SeriesFigure } from "#components/backtests/series-figure";
import { Section } from "#components/ui/section";
import type { SimulatedDay } from "#lib/backtests/queries";
import { drawdowns } from "#lib/backtests/rules";
import { signed } from "../../_components/amounts";

/** Equity and drawdown of every model over the same dates. */
export function Curves({ days, models }: { days: SimulatedDay[]; models: string[] }) {
  const dates = [...new Set(days.map(({ date }) => date))].toSorted();
  const byModel = Map.groupBy(days, ({ model }) => model);
  const series = models.map((name) => {
    const own = new Map((byModel.get(name) ?? []).map((day) => [day.date, Math.round(Number(day.endingValue) * 100) / 100]));
    const fallen = drawdowns([...own.values()]);
    const deep = new Map([...own.keys()].map((date, at) => [date, Math.round((fallen[at] ?? 0) * 100) / 100]));
    return { name, equity: dates.map((date) => own.get(date) ?? null), drawdown: dates.map((date) => deep.get(date) ?? null), last: [...own.values()].at(-1) ?? 0, first: [...own.values()][0] ?? 0, deepest: Math.min(0, ...fallen) };
  });
  const best = series[0];
  const deepest = series.toSorted((a, b) => a.deepest - b.deepest)[0];
  return (
    <>
      <Section title="Equity">
        <SeriesFigure label="Equity by date" syncId="backtest" unit="money" dates={dates} series={series.map(({ name, equity }) => ({ name, values: equity }))}
          summary={best && best.first > 0 ? `${best.name} leads with ${signed((best.last / best.first - 1) * 100)} since its first day here` : "Values at each day's open prices"} />
      </Section>
      <Section title="Drawdown">
        <SeriesFigure label="Drawdown by date" syncId="backtest" unit="percent" height={180} dates={dates} series={series.map(({ name, drawdown }) => ({ name, values: drawdown }))}
          summary={deepest && deepest.deepest < 0 ? `${deepest.name} fell deepest, ${signed(deepest.deepest)} below its highest value` : "Nobody has fallen below their highest value"} />
      </Section>
    </>
  );
}
