/** What jobs, portfolios and periods obey: pure, isomorphic. Money is an integer of millionths (micros) throughout. */
import type { RunStatus } from "#lib/db/generated/enums";
import type { DayStatus, JobStatus } from "./fields.ts";

export type DayCounts = Record<DayStatus, number>;

/**
 * The status of a job, from its model-days; `run` is null once its run is deleted.
 * Skips count as done: a job of nothing but skips is completed.
 */
export function jobStatus(run: RunStatus | null, counts: DayCounts): JobStatus {
  if (run === "pending" || run === "running") return counts.running + counts.completed + counts.failed > 0 ? "running" : "pending";
  if (run === "cancelled" || counts.cancelled + counts.pending + counts.running > 0) return "cancelled";
  if (counts.failed === 0) return run === "failed" ? "failed" : "completed";
  return counts.completed > 0 ? "partial" : "failed";
}

export const isOpenJob = (status: JobStatus): boolean => status === "pending" || status === "running";

const MICROS = 1_000_000n;

/** Micros of a decimal such as `-12.5`. Digits past the sixth must be zeros. @throws RangeError for anything else */
export function toMicros(text: string): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d{1,6})0*)?$/.exec(text);
  if (!parts) throw new RangeError(`"${text}" is no amount with at most six decimals`);
  const size = BigInt(parts[2] ?? "0") * MICROS + BigInt((parts[3] ?? "").padEnd(6, "0"));
  return parts[1] === "-" ? -size : size;
}

/** The decimal of micros with six places, as PostgreSQL's numeric(20,6) prints it. */
export function printMicros(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  return `${micros < 0n ? "-" : ""}${size / MICROS}.${String(size % MICROS).padStart(6, "0")}`;
}

/** For display and JSON: a number with two decimals, halves away from zero. */
export function toCents(micros: bigint): number {
  const size = micros < 0n ? -micros : micros;
  const cents = (size + 5_000n) / 10_000n;
  return (micros < 0n ? -1 : 1) * (Number(cents) / 100);
}

/** Two decimals; 0 for what is past all numbers. */
export const round2 = (value: number): number => (Number.isFinite(value) ? (Math.abs(value) < 1e13 ? Math.round((value + Number.EPSILON) * 100) / 100 : value) : 0);

const DAY_MS = 86_400_000;
export const addDays = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
export const isWeekend = (date: string): boolean => [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

export type Coverage = { symbols: string[]; /** Which symbols have a price on a date: one above zero, the database has no others. */ priced: Map<string, Set<string>>; first: string | null; last: string | null };
export type Calendar = { /** Trading dates in order. */ dates: string[]; /** Those that cannot be simulated, and why. */ unusable: Map<string, string>; /** Weekdays without any price between days with prices. */ holidays: string[] };

/**
 * The trading dates from `from` to `to`: every day on which anything has a price, and every weekday outside of what the
 * prices cover. A weekend without prices is no gap, nor is a weekday between priced days on which nothing was traded.
 */
export function tradingCalendar(from: string, to: string, { symbols, priced, first, last }: Coverage): Calendar {
  const dates: string[] = [];
  const unusable = new Map<string, string>();
  const holidays: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const has = priced.get(date) ?? new Set<string>();
    if (has.size === 0) {
      if (isWeekend(date)) continue;
      if (first !== null && last !== null && date > first && date < last) {
        holidays.push(date);
        continue;
      }
    }
    dates.push(date);
    const missing = symbols.filter((symbol) => !has.has(symbol));
    if (missing.length > 0) unusable.set(date, `Incomplete price data: no price of ${missing.length === symbols.length ? "any symbol" : some(missing)}`);
  }
  return { dates, unusable, holidays };
}

const some = (names: string[]): string => (names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", "));

export type PeriodMetrics = {
  starting_portfolio_value: number;
  ending_portfolio_value: number;
  period_return_pct: number;
  annualized_return_pct: number;
  calendar_days: number;
  trading_days: number;
};

/** Return over a period with both its ends counted. Annualised: `(end / start) ^ (365 / calendar days) - 1`; 0 where that has no value. */
export function periodMetrics(days: { date: string; startingValue: bigint; endingValue: bigint }[]): PeriodMetrics {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return { starting_portfolio_value: 0, ending_portfolio_value: 0, period_return_pct: 0, annualized_return_pct: 0, calendar_days: 0, trading_days: 0 };
  const calendarDays = daysBetween(first.date, last.date) + 1;
  const [start, end] = [Number(first.startingValue), Number(last.endingValue)];
  return {
    starting_portfolio_value: toCents(first.startingValue),
    ending_portfolio_value: toCents(last.endingValue),
    period_return_pct: start === 0 ? 0 : round2(((end - start) / start) * 100),
    annualized_return_pct: start <= 0 || end <= 0 ? 0 : round2(((end / start) ** (365 / calendarDays) - 1) * 100),
    calendar_days: calendarDays,
    trading_days: days.length,
  };
}

/** How far below its highest value so far a series is at each point: 0 to -100, in percent. */
export function drawdowns(values: number[]): number[] {
  let peak = Number.NEGATIVE_INFINITY;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? ((value - peak) / peak) * 100 : 0;
  });
}

export type Standing = { model: string; days: number; startingValue: number; endingValue: number; returnPercent: number; annualisedPercent: number; maxDrawdownPercent: number; trades: number; best: number; worst: number };
type RankedDay = { model: string; date: string; startingValue: string; endingValue: string; dailyReturnPercent: number; positions: { actionType: string }[] };

/** The models of some days, best return first; equal ones by name. Days come by model, then date. */
export function leaderboard(days: RankedDay[]): Standing[] {
  return [...Map.groupBy(days, ({ model }) => model)]
    .map(([model, own]) => {
      const metrics = periodMetrics(own.map(({ date, startingValue, endingValue }) => ({ date, startingValue: toMicros(startingValue), endingValue: toMicros(endingValue) })));
      const returns = own.map(({ dailyReturnPercent }) => dailyReturnPercent);
      return {
        model,
        days: own.length,
        startingValue: metrics.starting_portfolio_value,
        endingValue: metrics.ending_portfolio_value,
        returnPercent: metrics.period_return_pct,
        annualisedPercent: metrics.annualized_return_pct,
        maxDrawdownPercent: round2(Math.min(0, ...drawdowns(own.map(({ endingValue }) => Number(endingValue))))),
        trades: own.reduce((sum, { positions }) => sum + positions.filter(({ actionType }) => actionType !== "no_trade").length, 0),
        best: round2(Math.max(...returns)),
        worst: round2(Math.min(...returns)),
      };
    })
    .toSorted((a, b) => b.returnPercent - a.returnPercent || (a.model < b.model ? -1 : 1));
}

export type Parting = { model: string; a: Standing | null; b: Standing | null; /** On how many dates both traded. */ shared: number; /** The first of those on which they did not do the same; null when they never parted. */ partedOn: string | null };
type ComparedDay = Omit<RankedDay, "positions"> & { endingCash: string; positions: { actionType: string; symbol: string | null; quantity: number; price: number }[] };

/** Two jobs side by side, model by model: those of either, best of the first job first. */
export function compareJobs(a: ComparedDay[], b: ComparedDay[]): Parting[] {
  const [ranksA, ranksB] = [leaderboard(a), leaderboard(b)];
  const models = [...new Set([...ranksA, ...ranksB].map(({ model }) => model))];
  const dayOf = new Map(b.map((day) => [`${day.model} ${day.date}`, day]));
  const told = ({ positions, endingCash, endingValue }: ComparedDay) => JSON.stringify([positions.map(({ actionType, symbol, quantity, price }) => [actionType, symbol, quantity, price]), endingCash, endingValue]);
  return models.map((model) => {
    const shared = a.flatMap((day) => {
      const other = day.model === model ? dayOf.get(`${model} ${day.date}`) : undefined;
      return other ? [{ date: day.date, isSame: told(other) === told(day) }] : [];
    });
    return {
      model,
      a: ranksA.find((rank) => rank.model === model) ?? null,
      b: ranksB.find((rank) => rank.model === model) ?? null,
      shared: shared.length,
      partedOn: shared.find(({ isSame }) => !isSame)?.date ?? null,
    };
  });
}
