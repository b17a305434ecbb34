/** A job's simulated days or trades as a file. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { encodeRows, type Row } from "#lib/export/encode";
import { EXPORT_FORMATS, type ExportColumn } from "#lib/export/fields";
import { getJob, listSimulatedDays, type SimulatedDay } from "#lib/backtests/queries";
import { fileResponse } from "./export.ts";

export const BacktestExportRequest = z.object({ what: z.enum(["days", "trades"]).default("days"), format: z.enum(EXPORT_FORMATS).default("csv"), bom: z.stringbool({ error: "is true or false" }).default(false) });

/** Money is in the currency of the prices, to the sixth decimal. */
const dayRow = (day: SimulatedDay): Row => ({
  date: day.date, model: day.model, startingCash: Number(day.startingCash), startingValue: Number(day.startingValue), endingCash: Number(day.endingCash), endingValue: Number(day.endingValue),
  dailyProfit: Number(day.dailyProfit), dailyReturnPercent: day.dailyReturnPercent, trades: day.positions.filter(isTrade).length,
  holdings: day.holdings.map(({ symbol, quantity }) => `${quantity} ${symbol}`).join("; "), summary: day.summary, completedAt: day.completedAt, supersededAt: day.supersededAt,
});
const tradeRows = (day: SimulatedDay): Row[] =>
  day.positions.filter(isTrade).map(({ actionId, actionType, symbol, quantity, price, cash }) => ({ date: day.date, model: day.model, actionId, actionType, symbol, quantity, price, cash }));
const isTrade = ({ actionType }: { actionType: string }): boolean => actionType !== "no_trade";

const columns = (types: Record<string, ExportColumn["type"]>): ExportColumn[] => Object.entries(types).map(([name, type]) => ({ name, type }));
const COLUMNS = {
  days: columns({
    date: "text", model: "text", startingCash: "number", startingValue: "number", endingCash: "number", endingValue: "number", dailyProfit: "number", dailyReturnPercent: "number",
    trades: "integer", holdings: "text", summary: "text", completedAt: "time", supersededAt: "time",
  }),
  trades: columns({ date: "text", model: "text", actionId: "integer", actionType: "text", symbol: "text", quantity: "number", price: "number", cash: "number" }),
};

/** Days a piece: what is printed is given away before the next. */
const CHUNK = 500;

/** @throws AppError NOT_FOUND; ZodError */
export async function backtestExportResponse(ctx: Ctx, jobId: string, search: URLSearchParams): Promise<Response> {
  allow(ctx, "runs.export");
  const { what, format, bom } = BacktestExportRequest.parse(Object.fromEntries(search));
  const job = await getJob(ctx, jobId);
  const days = await listSimulatedDays(ctx, { jobId: job.jobId });
  async function* batches(): AsyncGenerator<Row[]> {
    for (let from = 0; from < days.length; from += CHUNK) yield days.slice(from, from + CHUNK).flatMap((day) => (what === "days" ? [dayRow(day)] : tradeRows(day)));
  }
  return fileResponse(encodeRows(batches(), format, { bom, columns: COLUMNS[what] }), format, `backtest-${what}-${job.jobId.slice(0, 8)}`);
}
