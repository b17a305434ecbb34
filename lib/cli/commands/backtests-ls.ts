import { formatDuration } from "#lib/format/duration";
import { formatRelative } from "#lib/format/time";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { printStatus } from "../style.ts";

export const options = { limit: { type: "string", short: "n", value: "number", help: "jobs at most, newest first; 50 unless said" }, ...OUTPUT_OPTIONS } as const satisfies Options;
export const examples = ["./penstock backtests ls", "./penstock backtests ls -n 1 -o ids"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? undefined : wholeNumber("--limit", values.limit, { min: 1, max: 1_000 });
  return withCtx(io, async (ctx) => {
    const { listJobs } = await import("#lib/backtests/queries");
    const { rows } = await listJobs(ctx, { limit });
    const now = io.now();
    printRows(io, outputFormat(values), rows, {
      id: ({ jobId }) => jobId,
      empty: "No backtest job yet. ./penstock run backtest starts one.",
      columns: [
        { header: "Job", print: ({ jobId }) => jobId },
        { header: "Status", print: ({ status }) => printStatus(io, status) },
        { header: "Dates", print: ({ dates }) => `${dates[0]} to ${dates.at(-1)}` },
        { header: "Models", align: "right", print: ({ models }) => String(models.length) },
        { header: "Done", align: "right", print: ({ counts }) => `${counts.completed}/${Object.values(counts).reduce((sum, n) => sum + n, 0)}` },
        { header: "Failed", align: "right", print: ({ counts }) => String(counts.failed) },
        { header: "Made", print: ({ createdAt }) => formatRelative(createdAt, now) },
        { header: "Took", align: "right", print: ({ totalDurationSeconds: seconds }) => (seconds === null ? "–" : formatDuration(seconds * 1_000)) },
      ],
    });
    return EXIT.done;
  });
}
