/** The demo's backtests: days after each other, models beside each other, each deciding what it would have traded. */
import type { Draw } from "#lib/draw";
import { FAULTS, type FaultName, PROVIDER, TIMEOUT_MS } from "./faults.ts";
import { MODELS, SYMBOLS, type Ticker, some } from "./people.ts";
import { SIMULATE } from "./prompts.ts";
import { around, type Json } from "./run.ts";
import { round } from "./trading.ts";
import type { RunWriter } from "./writer.ts";

const DAY_MS = 86_400_000;

export type Simulation = { models: string[]; symbols: Ticker[]; days: string[] };

/** A simulation that somebody might ask for on the day that begins at `today`: two or three models over a week or two long gone. */
export function nextSimulation(draw: Draw, today: number): Simulation {
  const from = today - draw.integer(40, 200) * DAY_MS;
  const dates = Array.from({ length: draw.integer(4, 12) }, (_, day) => new Date(from + day * DAY_MS));
  return {
    models: some(draw, [MODELS.large, MODELS.decision, MODELS.other], draw.integer(2, 3)),
    symbols: some(draw, Object.keys(SYMBOLS) as Ticker[], 2),
    days: dates.filter((date) => date.getUTCDay() % 6 !== 0).map((date) => date.toISOString().slice(0, 10)),
  };
}

export const simulationParams = ({ models, symbols, days }: Simulation): Json => ({ models, symbols, from: days[0] ?? null, to: days.at(-1) ?? null, initialCash: 10_000 });

/** One wave a day, one unit a model. With a fault a model loses some of its days, or, when the provider is down, all of them. */
export function workSimulation(writer: RunWriter, { models, symbols, days }: Simulation, fault: FaultName | null): void {
  const { draw } = writer;
  const total = models.length * days.length;
  writer.plan(around(draw, 30, 0.4), { items: total, output: { units: total, waves: days.length, items: total } });
  const equity = new Map(models.map((model) => [model, 10_000]));
  for (const [dayIndex, day] of days.entries()) {
    if (dayIndex > 0) writer.wave();
    for (const [modelIndex, model] of models.entries()) {
      const name = model.split("/").at(-1) ?? model;
      const unit = writer.unit(`${day} ${name}`, { day, model, symbols }, 1);
      for (const symbol of symbols) unit.about("symbol", symbol);
      unit.step("prices", around(draw, 70, 0.4), { input: { day, symbols }, output: Object.fromEntries(symbols.map((symbol) => [symbol, round(SYMBOLS[symbol] * (0.97 + draw.next() * 0.06), 2)])) });
      const hit = fault && (fault === "timeout" || (modelIndex === 0 && dayIndex % 3 === 1)) ? FAULTS[fault] : null;
      const symbol = draw.pick(symbols);
      const action = draw.pick(["BUY", "SELL", "HOLD"]);
      unit.ask("decide", hit === FAULTS.timeout ? TIMEOUT_MS : around(draw, 7_500, 0.4), { provider: PROVIDER, model, subject: symbol, template: SIMULATE, given: { day, cash: round(equity.get(model) ?? 0, 2), symbols: symbols.join(", ") } },
        { value: { orders: action === "HOLD" ? [] : [{ symbol, action, share: 0.2 }], reasoning: `${symbol} looks ${{ BUY: "cheap", SELL: "stretched", HOLD: "undecided" }[action] ?? ""} against its month.` }, inputTokens: draw.integer(1_800, 4_200), outputTokens: draw.integer(140, 520) },
        { input: { day }, fault: hit });
      if (hit) {
        unit.failed(`${day} ${name}`, hit);
        unit.log(`${day}: no decision, positions are kept`, "warn");
        unit.end();
        continue;
      }
      const next = round((equity.get(model) ?? 0) * (0.988 + draw.next() * 0.026), 2);
      equity.set(model, next);
      unit.step("fill_orders", around(draw, 26, 0.4), {
        output: { filled: action === "HOLD" ? 0 : 1 },
        nested: action === "HOLD" ? [] : [{ name: `fill ${symbol}`, input: { action }, output: { at: SYMBOLS[symbol], slippage: 0.0002 } }],
      });
      unit.step("close_day", around(draw, 12, 0.4), { output: { equity: next, positions: draw.integer(0, 2) } });
      unit.done();
      unit.log(`${day} ${name}: equity ${next.toFixed(2)}`);
      unit.end({ output: { equity: next } });
    }
  }
  const settle = writer.settle();
  settle.step("rank models", around(draw, 35, 0.3), { output: Object.fromEntries([...equity].map(([model, value]) => [model, round(value / 100 - 100, 2)])) });
  settle.end({ output: { models: models.length } });
}
