/** What a request for a backtest comes to: its dates, its models, and what of it is left out and why. Nothing is written. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { listRemoteModels } from "#lib/ai/models";
import { AppError } from "#lib/errors";
import { LOCAL_MODELS, MAX_DAYS, REMOTE_PREFIX, type SimulateParams, splitNames } from "../fields.ts";
import { addDays, daysBetween, tradingCalendar } from "../rules.ts";
import { listSymbols, readCoverage, readToday } from "./market.ts";

export type Asked = { dates: string[]; unusable: Map<string, string>; models: string[]; symbols: string[]; from: string; to: string; warnings: string[] };
export type Skip = { date: string; model: string; reason: string };

/** The models that can be asked for here: the local ones, and those of the configured endpoints. */
export function knownModels(): string[] {
  return [...Object.keys(LOCAL_MODELS), ...listRemoteModels().map(({ name }) => `${REMOTE_PREFIX}${name}`)];
}


const refuse = (path: string, message: string, details: Record<string, unknown> = {}) => new AppError("INVALID", message, { faults: [{ path, message }], details });

/**
 * Settles dates, models and symbols.
 *
 * @throws AppError INVALID for an unknown model or symbol, no prices at all, dates reversed, in the future or too far apart;
 *   with `details.current` when there is nothing new to simulate because every model stands at the last day
 */
export async function resolveAsked(db: Db, params: SimulateParams): Promise<Asked> {
  const models = splitNames(params.models);
  if (models.length === 0) models.push(...Object.keys(LOCAL_MODELS));
  const there = knownModels();
  const unknown = models.find((model) => !there.includes(model));
  if (unknown !== undefined) {
    const why = unknown.startsWith(REMOTE_PREFIX) ? " Set PENSTOCK_AI_BASE_URL and PENSTOCK_AI_MODEL, or name it in the file of PENSTOCK_MODELS, to have it compete." : "";
    throw refuse("models", `There is no model "${unknown}".${why} There is: ${there.join(", ")}.`);
  }
  const known = await listSymbols(db);
  if (known.length === 0) throw refuse("symbols", "There are no daily prices to simulate with. Import some first: ./penstock import prices <file.csv>");
  const asked = splitNames(params.symbols);
  const strange = asked.find((symbol) => !known.some((one) => one.symbol === symbol));
  if (strange !== undefined) throw refuse("symbols", `There are no daily prices of ${strange}. There are of: ${known.map(({ symbol }) => symbol).slice(0, 50).join(", ")}.`);
  const symbols = asked.length > 0 ? asked.toSorted() : known.map(({ symbol }) => symbol);
  const lastPriced = known.filter(({ symbol }) => symbols.includes(symbol)).map(({ last }) => last).toSorted().at(-1) ?? "";

  const only = splitNames(params.dates).toSorted();
  const to = params.to || only.at(-1) || lastPriced;
  const today = await readToday(db);
  if (to > today) throw refuse("to", `Cannot simulate future dates: ${to} is after today, ${today}.`);
  const from = params.from || only[0] || (await resumeFrom(db, models, to));
  if (from > to) {
    if (params.from === "") throw refuse("from", `Nothing to do: every model has been simulated up to ${addDays(from, -1)} already.`, { current: true, lastDate: addDays(from, -1) });
    throw refuse("from", `start_date must be <= end_date: ${from} is after ${to}.`);
  }
  const days = daysBetween(from, to) + 1;
  if (days > MAX_DAYS) throw refuse("to", `The range has ${days} days; ${MAX_DAYS} is the most for one job. Ask for less, and again from there.`);

  const calendar = tradingCalendar(from, to, await readCoverage(db, symbols, from, to));
  const dates = only.length > 0 ? calendar.dates.filter((date) => only.includes(date)) : calendar.dates;
  if (dates.length === 0) throw refuse("from", `There is no trading date from ${from} to ${to}.`);
  const warnings: string[] = [];
  if (calendar.holidays.length > 0) warnings.push(`Taken as holidays, since nothing has a price there: ${calendar.holidays.join(", ")}`);
  const missed = dates.filter((date) => calendar.unusable.has(date));
  if (missed.length > 0) warnings.push(`Skipped ${missed.length} ${missed.length === 1 ? "date" : "dates"} due to incomplete price data: ${missed.join(", ")}`);
  return { dates, unusable: calendar.unusable, models, symbols, from, to, warnings };
}

const Last = z.array(z.object({ model: z.string(), last: z.string() }));

/** The day after the last that the model furthest behind has; a model without any begins on the last date alone. */
async function resumeFrom(db: Db, models: string[], to: string): Promise<string> {
  const rows = Last.parse(await db.$queryRaw`
    select model, max(date)::text as last from backtest_days where superseded_at is null and model = any(${models}) group by model`);
  const last = new Map(rows.map((row) => [row.model, row.last]));
  return models.map((model) => (last.has(model) ? addDays(last.get(model) ?? to, 1) : to)).toSorted()[0] ?? to;
}

const Done = z.array(z.object({ model: z.string(), date: z.string() }));

/** What of the request is not simulated, with the reason, and warnings about it. */
export async function listSkips(db: Db, { dates, unusable, models }: Asked, replaceExisting: boolean): Promise<{ skips: Skip[]; warnings: string[] }> {
  const rows = Done.parse(await db.$queryRaw`
    select model, date::text from backtest_days
     where superseded_at is null and model = any(${models}) and date >= ${dates[0] ?? ""}::date`);
  const done = new Map<string, Set<string>>();
  const last = new Map<string, string>();
  for (const { model, date } of rows) {
    done.set(model, (done.get(model) ?? new Set()).add(date));
    if (date > (last.get(model) ?? "")) last.set(model, date);
  }
  const reasonFor = (date: string, model: string): string | undefined => {
    const gap = unusable.get(date);
    if (gap || replaceExisting) return gap;
    if (done.get(model)?.has(date)) return "Already completed";
    const later = last.get(model) ?? "";
    return later > date ? `${model} has gone on to ${later} already; replace_existing simulates this day and the later ones anew` : undefined;
  };
  const skips = dates.flatMap((date) => models.flatMap((model) => {
    const reason = reasonFor(date, model);
    return reason ? [{ date, model, reason }] : [];
  }));
  const already = skips.filter(({ reason }) => reason === "Already completed").length;
  const overtaken = skips.filter(({ date, reason }) => reason !== "Already completed" && !unusable.has(date)).length;
  const warnings: string[] = [];
  if (already > 0) warnings.push(`Skipped ${already} model-days already completed`);
  if (overtaken > 0) warnings.push(`Skipped ${overtaken} model-days before what their models have completed since`);
  if (replaceExisting && rows.length > 0) warnings.push(`Replaces ${rows.length} model-days that were simulated before, also those after the range, which go on from it`);
  return { skips, warnings };
}
