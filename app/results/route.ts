import { printDay, printPeriods } from "#lib/api/results";
import { parseResults, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { listSimulatedDays, listTalks } from "#lib/backtests/queries";
import { readToday } from "#lib/backtests/sql/market";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** One day: each model's day in full. A range: each model's values and what they come to. */
export const GET = seedRoute(async (ctx, { url }) => {
  const { isSingle, reasoning, ...filter } = parseResults(url.searchParams, await readToday(ctx.db));
  const days = await listSimulatedDays(ctx, filter);
  if (days.length === 0) throw new AppError("NOT_FOUND", "No trading data found for the specified filters");
  if (!isSingle) {
    const results = printPeriods(days);
    return answerPlain({ count: results.length, results });
  }
  const talks = reasoning === "full" ? await listTalks(ctx, days.map(({ id }) => id)) : null;
  return answerPlain({ count: days.length, results: days.map((day) => printDay(day, talks?.get(day.id), reasoning)) });
});
