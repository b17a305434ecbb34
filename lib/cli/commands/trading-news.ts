import { formatTime } from "#lib/format/time";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  symbol: { type: "string", value: "name", help: "only of this symbol" },
  impact: { type: "string", value: "low|medium|high", help: "only of this impact" },
  from: { type: "string", value: "time", help: "not before, such as 2026-11-20T08:00:00Z" },
  to: { type: "string", value: "time", help: "before" },
  limit: { type: "string", short: "n", value: "number", help: "at most so many; 50 unless said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "What ./penstock import news has brought, the newest first. A signal with news reads the last 24 hours of it.";
export const examples = ["./penstock trading news", "./penstock trading news --symbol EURUSD --impact high"];

export async function run(io: Io, { values: { symbol, impact, from, to, ...values } }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? undefined : wholeNumber("--limit", values.limit, { min: 1, max: 500 });
  return withCtx(io, async (ctx) => {
    const { listNews, NewsRequest } = await import("#lib/pipelines/trading/lists");
    const { rows } = await listNews(ctx, NewsRequest.parse({ symbol, impact, from, to, limit }));
    printRows(io, outputFormat(values), rows, {
      id: ({ id }) => String(id),
      empty: "No headline. ./penstock import news reads them from CSV files.",
      columns: [
        { header: "When", print: ({ at }) => formatTime(at, { zone: "UTC" }) },
        { header: "Symbol", print: ({ symbol: of }) => of },
        { header: "Impact", print: ({ impact: how }) => how },
        { header: "Headline", print: ({ title }) => title },
        { header: "Source", print: ({ source }) => source },
      ],
    });
    return EXIT.done;
  });
}
