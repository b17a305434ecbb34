import { AppError } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import { isDate } from "#lib/backtests/fields";
import { leaderboard } from "#lib/backtests/rules";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { paint } from "../style.ts";

export const options = {
  job: { type: "string", value: "id", help: "only this job's days, also those that were superseded" },
  model: { type: "string", value: "name", help: "only this model" },
  from: { type: "string", value: "date", help: "from this date on" },
  to: { type: "string", value: "date", help: "up to this date" },
  days: { type: "boolean", help: "every day with its trades, instead of one line a model" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "Without --job each model-day counts once, whatever jobs there were. Best return first. Exit code 4 when nothing matches.";
export const examples = ["./penstock results", "./penstock results --from 2025-01-16 --to 2025-03-31 -o json", "./penstock results --model momentum-20 --days"];

const percent = (io: Io, value: number): string => paint(io, value < 0 ? "red" : "green", `${value > 0 ? "+" : ""}${value.toFixed(2)} %`);

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  for (const [name, date] of [["from", values.from], ["to", values.to]]) if (date !== undefined && !isDate(date)) throw new AppError("INVALID", `--${name} wants a date as YYYY-MM-DD, not "${date}".`);
  return withCtx(io, async (ctx) => {
    const { listSimulatedDays } = await import("#lib/backtests/queries");
    const days = await listSimulatedDays(ctx, { jobId: values.job, model: values.model, from: values.from, to: values.to });
    if (days.length === 0) throw new AppError("NOT_FOUND", "No trading data found for the specified filters. ./penstock run backtest makes some.");
    const format = outputFormat(values);
    if (values.days) {
      printRows(io, format, days, {
        id: ({ id }) => id,
        empty: "",
        columns: [
          { header: "Date", print: ({ date }) => date },
          { header: "Model", print: ({ model }) => model },
          { header: "Value", align: "right", print: ({ endingValue }) => Number(endingValue).toFixed(2) },
          { header: "Day", align: "right", print: ({ dailyReturnPercent }) => percent(io, dailyReturnPercent) },
          { header: "Cash", align: "right", print: ({ endingCash }) => Number(endingCash).toFixed(2) },
          { header: "Trades", print: ({ positions }) => positions.filter(({ actionType }) => actionType !== "no_trade").map(({ actionType, quantity, symbol, price }) => `${actionType} ${quantity} ${symbol} at ${price}`).join(", ") || "–" },
        ],
      });
      return EXIT.done;
    }
    printRows(io, format, leaderboard(days), {
      id: ({ model }) => model,
      empty: "",
      columns: [
        { header: "Model", print: ({ model }) => model },
        { header: "Return", align: "right", print: ({ returnPercent }) => percent(io, returnPercent) },
        { header: "A year", align: "right", print: ({ annualisedPercent }) => percent(io, annualisedPercent) },
        { header: "Drawdown", align: "right", print: ({ maxDrawdownPercent }) => `${maxDrawdownPercent.toFixed(2)} %` },
        { header: "Value", align: "right", print: ({ endingValue }) => endingValue.toFixed(2) },
        { header: "Trades", align: "right", print: ({ trades }) => formatCount(trades) },
        { header: "Days", align: "right", print: ({ days: count }) => formatCount(count) },
      ],
    });
    return EXIT.done;
  });
}
