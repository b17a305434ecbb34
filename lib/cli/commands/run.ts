import { parseEnv } from "#lib/env";
import { ON_BUSY } from "#lib/engine/define";
import { RunPriority } from "#lib/db/generated/enums";
import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { type Door, withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { runListing } from "../run-listing.ts";
import { askStartable, findStartable, type Startable } from "../startable.ts";
import { watchedExitCode, watchRuns } from "../watch.ts";

export const positionals = "<stage | pipeline>";
export const options = {
  all: { type: "boolean", help: "every stage of the pipeline, each after those it needs" },
  param: { type: "string", multiple: true, short: "p", value: "name=value", help: "a parameter of the stage" },
  params: { type: "string", value: "json", help: "parameters as a JSON object; --param wins over it" },
  watch: { type: "boolean", short: "w", help: "watch until it ends; the exit code then says how" },
  inline: { type: "boolean", help: "run it in this very process, with a worker of its own, and watch" },
  "idempotency-key": { type: "string", value: "key", help: "asked again with the same key, it is the same run" },
  "on-busy": { type: "string", value: "what", choices: ON_BUSY, help: "while a run of the stage goes on: be refused, join that run, or stand in line behind it" },
  priority: { type: "string", value: "level", choices: Object.values(RunPriority), help: "what is taken first; normal unless said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = `
A stage is called content, or mail/content where two pipelines have one of that name. One run of a stage goes on at a
time: while there is one, another is refused with exit code 1 and the number of the run in the way, unless the stage says
otherwise or --on-busy does: join answers with that run, queue lets the new one stand in line behind it.
Without --watch the exit code is 0 once the run is accepted; -o ids prints its number alone. With --watch it is 0 when
the run completed, held, or had nothing to do, and 10 when it failed, ended partial, was cancelled, or was skipped
because a run before it failed. Ctrl-C stops watching; the run goes on.`;
export const environment = {
  WORKER_CONCURRENCY: "with --inline, units at a time; 4 unless said",
  PENSTOCK_AI_BASE_URL: "an OpenAI-compatible endpoint for stages that ask a model; without it the local analyser answers",
  PENSTOCK_AI_MODEL: "the model to ask for there",
  PENSTOCK_AI_API_KEY: "the key that the endpoint wants, if any",
  PENSTOCK_MODELS: "a YAML file with more models for backtests, each with name, baseUrl, model and keyFrom",
};
export const examples = [
  "./penstock run content --watch",
  "./penstock run mail/content --param batchSize=50 --param force=true",
  "./penstock run content --params '{\"batchSize\": 50}' -o ids",
  "./penstock run --all mail --inline",
];

export async function run(io: Io, { values, positionals: [name = ""] }: Args<typeof options>): Promise<number> {
  const onBusy = values["on-busy"];
  if (values.all && onBusy === "join") throw new AppError("INVALID", "--on-busy join belongs to one run: of --all each stage comes after those it needs. Say queue or reject.");
  if (values.all && values["idempotency-key"] !== undefined) throw new AppError("INVALID", "--idempotency-key belongs to one run, and --all makes several. Leave one of them out.");
  // Everything about the words is judged before a database is asked for, or started.
  const here = await findStartable(io, name, values.all ?? false);
  here?.readParams(values);
  const env = parseEnv(io.env);
  if (values.inline) {
    return withCtx(io, async (ctx) => {
      const door = (await import("../local-door.ts")).localDoor(ctx);
      return runInline(io, ctx.url, door, values, await trigger(io, door, here ?? (await askStartable(door, name, values.all ?? false)), values), env.WORKER_CONCURRENCY);
    }, { stopsItself: true });
  }
  return withDoor(io, async (door) => leaveToWorkers(io, door, values, await trigger(io, door, here ?? (await askStartable(door, name, values.all ?? false)), values)), { stopsItself: true });
}

async function trigger(io: Io, door: Door, { pipeline, stage, readParams }: Startable, values: RunValues): Promise<number[]> {
  const params = readParams(values);
  const onBusy = values["on-busy"];
  if (stage === null) return (await door.triggerAll({ pipeline, params, priority: values.priority, ...(onBusy !== "join" && { onBusy }) })).runIds;
  const made = await door.triggerRun({ pipeline, stage, params, idempotencyKey: values["idempotency-key"], priority: values.priority, onBusy });
  if (made.joined) io.err(`Joined run #${made.runId}, which goes on already.\n`);
  else if (made.inLine) io.err(`Run #${made.runId} stands in line: another of its stage goes on.\n`);
  else if (!made.created) io.err(`This was asked before with the same key: it is run #${made.runId}.\n`);
  return [made.runId];
}

type RunValues = Args<typeof options>["values"];

async function leaveToWorkers(io: Io, door: Door, values: RunValues, runIds: number[]): Promise<number> {
  if ((await door.countLiveWorkers()) === 0) io.err(`No worker is running; ${runIds.length === 1 ? "it waits" : "they wait"} until one does: ./penstock worker\n`);
  return values.watch ? watchAndPrint(io, door, values, runIds, "No longer watching") : printTriggered(io, door, values, runIds);
}

async function runInline(io: Io, url: string, door: Door, values: RunValues, runIds: number[], concurrency: number): Promise<number> {
  const { startWorker } = await import("#lib/worker/main");
  const worker = await startWorker({
    url,
    concurrency,
    onFatal: (error) => {
      // Crash-only: what this process still believes of its units may be wrong.
      io.err(`The worker in this process ends: ${error.message}. ${describeRest(runIds)}\n`);
      process.exit(EXIT.failed);
    },
  });
  try {
    return await watchAndPrint(io, door, values, runIds, "Stopped");
  } finally {
    await worker.stop();
  }
}

async function watchAndPrint(io: Io, door: Door, values: RunValues, runIds: number[], left: string): Promise<number> {
  const format = outputFormat(values);
  // Known at once to whoever reads along, however the watching ends.
  if (format === "ids") io.out(`${runIds.join("\n")}\n`);
  const ended = await watchRuns(io, door, runIds, `${left}. ${describeRest(runIds)}`);
  // On a terminal standard error has said all that a table could.
  if (format === "json" || format === "ndjson" || (format === "table" && !io.isTty)) printRows(io, format, ended, runListing(io, ""));
  return watchedExitCode(ended);
}

async function printTriggered(io: Io, door: Door, values: RunValues, runIds: number[]): Promise<number> {
  const runs = [];
  for (const id of runIds) runs.push(await door.getRun(id));
  printRows(io, outputFormat(values), runs, runListing(io, ""));
  return EXIT.done;
}

function describeRest(runIds: number[]): string {
  const ids = runIds.join(" ");
  return runIds.length === 1
    ? `Run #${ids} goes on at any worker. Watch: ./penstock runs watch ${ids}. Cancel: ./penstock runs cancel ${ids}.`
    : `The runs go on at any worker. Watch: ./penstock runs watch ${ids}. Cancel: ./penstock runs cancel ${ids}.`;
}
