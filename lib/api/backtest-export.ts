/** A job's simulated days or trades as a file. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { EXPORT_FORMAT } from "#lib/export/fields";
import { printCell } from "#lib/export/rules";
import { getJob, listSimulatedDays, type SimulatedDay } from "#lib/backtests/queries";

export const BacktestExportRequest = z.object({ what: z.enum(["days", "trades"]).default("days"), format: z.enum(["csv", "ndjson"]).default("csv") });
type Row = Record<string, unknown>;

const dayRow = (day: SimulatedDay): Row => ({
  date: day.date, model: day.model, startingCash: day.startingCash, startingValue: day.startingValue, endingCash: day.endingCash, endingValue: day.endingValue,
  dailyProfit: day.dailyProfit, dailyReturnPercent: day.dailyReturnPercent, trades: day.positions.filter(({ actionType }) => actionType !== "no_trade").length,
  holdings: day.holdings.map(({ symbol, quantity }) => `${quantity} ${symbol}`).join("; "), summary: day.summary, completedAt: day.completedAt, supersededAt: day.supersededAt,
});
const tradeRows = (day: SimulatedDay): Row[] =>
  day.positions.filter(({ actionType }) => actionType !== "no_trade").map(({ actionId, actionType, symbol, quantity, price, cash }) => ({ date: day.date, model: day.model, actionId, actionType, symbol, quantity, price, cash }));

const COLUMNS = {
  days: ["date", "model", "startingCash", "startingValue", "endingCash", "endingValue", "dailyProfit", "dailyReturnPercent", "trades", "holdings", "summary", "completedAt", "supersededAt"],
  trades: ["date", "model", "actionId", "actionType", "symbol", "quantity", "price", "cash"],
} as const;

/** Rows a piece: what is printed is given away before the next. */
const CHUNK = 500;

export async function backtestExportResponse(ctx: Ctx, jobId: string, search: URLSearchParams): Promise<Response> {
  allow(ctx, "runs.export");
  const { what, format } = BacktestExportRequest.parse(Object.fromEntries(search));
  const job = await getJob(ctx, jobId);
  const days = await listSimulatedDays(ctx, { jobId: job.jobId });
  const columns = COLUMNS[what];
  const print = (row: Row) => (format === "csv" ? `${columns.map((name) => printCell(row[name])).join(",")}\r\n` : `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name] ?? null])))}\n`);
  function* pieces() {
    if (format === "csv") yield `${columns.join(",")}\r\n`;
    for (let from = 0; from < days.length; from += CHUNK) yield days.slice(from, from + CHUNK).flatMap((day) => (what === "days" ? [dayRow(day)] : tradeRows(day))).map(print).join("");
  }
  const text = new TextEncoder();
  const source = pieces();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = source.next();
      if (done) controller.close();
      else controller.enqueue(text.encode(value));
    },
  });
  const name = `penstock-backtest-${what}-${job.jobId.slice(0, 8)}.${EXPORT_FORMAT[format].extension}`;
  return new Response(body, { headers: { "Content-Type": EXPORT_FORMAT[format].mediaType, "Content-Disposition": `attachment; filename="${name}"`, "Cache-Control": "no-store" } });
}
