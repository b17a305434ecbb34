import { AppError, ERROR_CODES } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import type { ImportNewsResult } from "#lib/pipelines/trading/import-news";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { Interrupted } from "../io.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { paint } from "../style.ts";

export const positionals = "<file>…";
export const options = {
  symbol: { type: "string", value: "name", help: "What the news are about; else a column says it" },
  dates: { type: "string", value: "order", choices: ["mdy", "dmy"], help: "What 01/02/2024 means: month or day first" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
A file is CSV with a header line: Date, Symbol, Title, and where there are any Impact (low, medium, high) and Source; "-" reads standard input.
Times without a zone are UTC. A bad line is named with its reason and left out; a headline that is there already is not imported again.
A signal reads the last 24 hours of headlines of its symbol when its strategy has the news filter on, or with --param news=true.`;
export const examples = ["./penstock import news headlines.csv", "./penstock import news aapl.csv --symbol AAPL", "./penstock run signal --param symbol=AAPL --param news=true --watch"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { importNews, importNewsFile } = await import("#lib/pipelines/trading/import-news");
    const given = { ...(values.symbol && { symbol: values.symbol }), ...(values.dates && { dates: values.dates }) };
    const stop = () => {
      if (io.signal.aborted) throw new Interrupted(EXIT.interrupted, "Stopped. What was imported is kept; import again to go on.");
    };
    const results: ImportNewsResult[] = [];
    let exitCode: number = EXIT.done;
    for (const path of positionals) {
      try {
        const result = path === "-" ? await importNews(ctx, io.stdin, { ...given, name: "standard input" }, stop) : await importNewsFile(ctx, path, given, stop);
        results.push(result);
        say(io, result);
      } catch (error) {
        if (!(error instanceof AppError) || positionals.length === 1) throw error;
        io.err(`${paint(io, "red", "✗")} ${path}: ${error.message}\n`);
        exitCode ||= ERROR_CODES[error.code].exitCode;
      }
    }
    printRows(io, outputFormat(values), results, {
      id: ({ name }) => name,
      empty: "Nothing was imported.",
      columns: [
        { header: "New", align: "right", print: ({ events }) => formatCount(events) },
        { header: "Known", align: "right", print: ({ known }) => formatCount(known) },
        { header: "Bad lines", align: "right", print: ({ problems }) => formatCount(problems) },
        { header: "Name", print: ({ name }) => name },
      ],
    });
    return exitCode;
  }, { stopsItself: true });
}

function say(io: Io, { name, events, known, problems, problemSamples }: ImportNewsResult): void {
  const mark = problems > 0 ? paint(io, "yellow", "◐") : paint(io, "green", "✓");
  io.err(`${mark} ${name}: ${formatCount(events)} new headlines, ${formatCount(known)} known before, ${formatCount(problems)} bad lines\n`);
  for (const { line, reason } of problemSamples) io.err(`    line ${line}: ${reason}\n`);
  if (problems > problemSamples.length) io.err(`    and ${formatCount(problems - problemSamples.length)} more\n`);
}
