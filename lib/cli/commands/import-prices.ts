import { ERROR_CODES, AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat } from "../output.ts";
import { printPriceImports, sayPriceImport, type TimedImport } from "../price-import.ts";
import { Interrupted } from "../io.ts";
import { paint } from "../style.ts";

export const positionals = "<file>…";
export const options = {
  symbol: { type: "string", value: "name", help: "Whose prices these are; else a column or the file's name says it" },
  timeframe: { type: "string", value: "name", help: "How long a bar is: M1, M5, M15, M30, H1, H4, D1, W1" },
  dates: { type: "string", value: "order", choices: ["mdy", "dmy"], help: "What 01/02/2024 means: month or day first" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
A file is CSV with a header line: Date, Open, High, Low, Close and Volume in their usual spellings, exports of MT5, epochs; "-" reads standard input.
Times without a zone are UTC. A bad line is named with its reason and left out; the rest is imported. Bars that are there already are put right.
Instead of a file, "sample" sets up a desk to try things on: made-up bars (SAMPLE-UP, SAMPLE-DOWN, SAMPLE-FLAT), a paper account and three strategies.`;
export const examples = ["./penstock import prices EURUSD_M15.csv", "./penstock import prices aapl.csv --timeframe D1", "./penstock import prices sample && ./penstock run signal --watch"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { importPrices, importPricesFile } = await import("#lib/pipelines/trading/import-prices");
    const given = { ...(values.symbol && { symbol: values.symbol }), ...(values.timeframe && { timeframe: values.timeframe }), ...(values.dates && { dates: values.dates }) };
    const results: TimedImport[] = [];
    let exitCode: number = EXIT.done;
    for (const path of positionals) {
      if (path === "sample") {
        const { loadSampleDesk } = await import("#lib/pipelines/trading/sample-desk");
        const desk = await loadSampleDesk(ctx);
        io.err(`${paint(io, "green", "✓")} Sample desk: account ${desk.accountId} on paper, ${desk.bars} new made-up bars of ${desk.symbols.join(", ")}\n`);
        continue;
      }
      const startedAt = performance.now();
      const stop = () => {
        if (io.signal.aborted) throw new Interrupted(EXIT.interrupted, "Stopped. What was imported is kept; import again to go on.");
      };
      try {
        const result = path === "-" ? await importPrices(ctx, io.stdin, { ...given, name: "standard input" }, stop) : await importPricesFile(ctx, path, given, stop);
        results.push({ ...result, durationMs: Math.round(performance.now() - startedAt) });
        sayPriceImport(io, result, performance.now() - startedAt);
      } catch (error) {
        if (!(error instanceof AppError) || positionals.length === 1) throw error;
        io.err(`${paint(io, "red", "✗")} ${path}: ${error.message}\n`);
        exitCode ||= ERROR_CODES[error.code].exitCode;
      }
    }
    if (results.length > 0) printPriceImports(io, outputFormat(values), results);
    return exitCode;
  }, { stopsItself: true });
}
