import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { LOCAL_MODELS, MAX_DAYS, STARTING_CASH } from "#lib/backtests/fields";
import { drawGrid, watchJob } from "../backtest-grid.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const options = {
  from: { type: "string", value: "date", help: "first date; without it, the day after each model's last" },
  to: { type: "string", value: "date", help: "last date; without it, the last day with prices" },
  models: { type: "string", value: "a,b", help: "which models compete; without it, every local one" },
  symbols: { type: "string", value: "a,b", help: "which symbols may be traded; without it, every one with daily prices" },
  cash: { type: "string", value: "amount", help: `what a model without a portfolio begins with; ${STARTING_CASH} unless said` },
  "replace-existing": { type: "boolean", help: "simulate again what is simulated already; old results stay as history" },
  watch: { type: "boolean", short: "w", help: "watch until it ends; the exit code then says how" },
  inline: { type: "boolean", help: "run it in this very process, with a worker of its own, and watch" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
Dates run in sequence, the models of a date in parallel; each goes on from its own portfolio. One job at a time: while there
is one, another is refused with exit code 1. The same dates within 24 hours are the same job. At most ${MAX_DAYS} days a job.
Local models: ${Object.keys(LOCAL_MODELS).join(", ")}. A model of your endpoint is called ai: and its id.
-o ids prints the job's id alone. With --watch the exit code is 0 when every model-day was simulated or skipped, else 10.`;
export const environment = {
  WORKER_CONCURRENCY: "with --inline, model-days at a time; 4 unless said",
  PENSTOCK_AI_BASE_URL: "an OpenAI-compatible endpoint whose models may compete",
};
export const examples = ["./penstock run backtest --from 2025-01-16 --to 2025-03-31 --watch", "./penstock run backtest --models momentum-20,buy-and-hold --inline"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const env = parseEnv(io.env);
  const cash = values.cash === undefined ? undefined : Number(values.cash);
  if (cash !== undefined && !Number.isFinite(cash)) throw new AppError("INVALID", `--cash must be an amount such as 10000, not "${values.cash}".`);
  const params = {
    from: values.from ?? "", to: values.to ?? "", models: values.models ?? "", symbols: values.symbols ?? "",
    replaceExisting: values["replace-existing"] ?? false, ...(cash !== undefined && { startingCash: cash }),
  };
  return withCtx(io, async (ctx) => {
    const { startJob, StartJobInput } = await import("#lib/backtests/mutations");
    const { created, job } = await startJob(ctx, StartJobInput.parse({ params }));
    if (!created) io.err("These dates were asked for within the last 24 hours: this is that job. --replace-existing simulates them anew.\n");
    for (const warning of created ? job.warnings : []) io.err(`${warning}\n`);
    const format = outputFormat(values);
    if (!values.watch && !values.inline) {
      const { countLiveWorkers } = await import("#lib/workers/queries");
      if ((await countLiveWorkers(ctx)) === 0) io.err("No worker is running; it waits until one does: ./penstock worker\n");
      const { listModelDays } = await import("#lib/backtests/queries");
      const days = await listModelDays(ctx, job.jobId);
      printOne(io, format, job, { id: job.jobId, table: () => `${drawGrid(io, job, days).join("\n")}\nJob ${job.jobId}, run #${job.runId}\n` });
      return EXIT.done;
    }
    // Known at once to whoever reads along, however the watching ends.
    if (format === "ids") io.out(`${job.jobId}\n`);
    const stop = values.inline ? await startInline(io, ctx.url, env.WORKER_CONCURRENCY) : async () => {};
    try {
      const ended = await watchJob(io, ctx, job.jobId);
      if (format === "json" || format === "ndjson") printOne(io, format, ended, { id: ended.jobId, table: () => "" });
      return ended.status === "completed" ? EXIT.done : EXIT.watchedRunFailed;
    } finally {
      await stop();
    }
  }, { stopsItself: true });
}

async function startInline(io: Io, url: string, concurrency: number): Promise<() => Promise<void>> {
  const { startWorker } = await import("#lib/worker/main");
  const worker = await startWorker({
    url,
    concurrency,
    onFatal: (error) => {
      // Crash-only: what this process still believes of its units may be wrong.
      io.err(`The worker in this process ends: ${error.message}. The job goes on at any worker.\n`);
      process.exit(EXIT.failed);
    },
  });
  return async () => {
    await worker.stop();
  };
}
