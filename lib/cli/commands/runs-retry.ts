import type { Json } from "#lib/engine/define";
import { RunPriority } from "#lib/db/generated/enums";
import { AppError } from "#lib/errors";
import { BULK_DETAILS, BULK_OPTIONS, requireBulk, runBulk } from "../bulk.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { type Door, withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { readRunIds } from "../run-ids.ts";
import { runListing } from "../run-listing.ts";
import { askStartable, findStartable } from "../startable.ts";
import { watchedExitCode, watchRuns } from "../watch.ts";

export const positionals = "[id]…";
export const options = {
  "only-failed": { type: "boolean", help: "only the units that did not succeed, with the inputs they had" },
  param: { type: "string", multiple: true, short: "p", value: "name=value", help: "a parameter that shall be another; the rest stay as they were" },
  params: { type: "string", value: "json", help: "the same as a JSON object; --param wins over it" },
  watch: { type: "boolean", short: "w", help: "watch until it ends; the exit code then says how" },
  "idempotency-key": { type: "string", value: "key", help: "asked again with the same key, it is the same run" },
  "on-busy": { type: "string", value: "what", choices: ["reject", "queue"], help: "while a run of the stage goes on: be refused, or stand in line behind it" },
  priority: { type: "string", value: "level", choices: Object.values(RunPriority), help: "what is taken first; normal unless said, lowest with --all" },
  ...BULK_OPTIONS,
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
Makes a new run of the same stage that knows which one it retries; the old one stays as it is.
Exit code 1 when the stage is busy or the run has not ended, 2 when no unit failed and --only-failed was asked for, 4 when
there is no such run; of several the others are retried all the same. With --watch as for ./penstock run.
"-" reads ids from standard input.
${BULK_DETAILS.trim()}`;
export const examples = ["./penstock runs retry --all --status failed --started 7d", "./penstock runs retry 12 --watch", "./penstock runs retry 12 --only-failed", "./penstock runs retry 12 --param batchSize=20"];

type RetryValues = Args<typeof options>["values"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  requireBulk(values, positionals);
  const format = outputFormat(values);
  const alone = (["only-failed", "param", "params", "watch", "idempotency-key", "on-busy", "priority"] as const).find((name) => values[name] !== undefined);
  if (values.all && alone) throw new AppError("INVALID", `--${alone} does not go together with --all: each run is retried whole, as it was. Leave one of them out.`);
  if (values.all) return runBulk(io, "retry", values, format);
  const ids = await readRunIds(io, positionals);
  if (ids.length > 1 && values["idempotency-key"] !== undefined) throw new AppError("INVALID", "--idempotency-key belongs to one run, and these are several. Leave one of them out.");
  return withDoor(io, async (door) => {
    const made: number[] = [];
    let exitCode: number = EXIT.done;
    for (const id of ids) {
      try {
        made.push(await retryOne(io, door, id, values));
      } catch (error) {
        if (!(error instanceof AppError) || ids.length === 1) throw error;
        io.err(`#${id}: ${error.message}\n`);
        exitCode ||= error.code === "NOT_FOUND" ? 4 : EXIT.failed;
      }
      io.signal.throwIfAborted();
    }
    if (values.watch && made.length > 0) {
      if (format === "ids") io.out(`${made.join("\n")}\n`);
      const ended = await watchRuns(io, door, made, `No longer watching. Watch again: ./penstock runs watch ${made.join(" ")}`);
      if (format === "json" || format === "ndjson" || (format === "table" && !io.isTty)) printRows(io, format, ended, runListing(io, ""));
      return watchedExitCode(ended) || exitCode;
    }
    const runs = [];
    for (const id of made) runs.push(await door.getRun(id));
    printRows(io, format, runs, runListing(io, "Nothing was retried."));
    return exitCode;
  });
}

async function retryOne(io: Io, door: Door, id: number, values: RetryValues): Promise<number> {
  const { runId, created, inLine } = await door.retryRun({
    runId: id,
    params: values.param || values.params ? await editedParams(io, door, id, values) : undefined,
    onlyFailed: values["only-failed"] ?? false,
    idempotencyKey: values["idempotency-key"],
    onBusy: values["on-busy"],
    priority: values.priority,
  });
  if (inLine) io.err(`Run #${runId} stands in line: another of its stage goes on.\n`);
  if (!created) io.err(`This was asked before with the same key: it is run #${runId}.\n`);
  return runId;
}

/** The parameters of the old run with those that were given laid over them. */
async function editedParams(io: Io, door: Door, id: number, values: RetryValues): Promise<Record<string, Json>> {
  const old = await door.getRun(id);
  const ref = `${old.pipeline}/${old.stage}`;
  const stage = (await findStartable(io, ref, false)) ?? (await askStartable(door, ref, false));
  const kept = old.params !== null && typeof old.params === "object" && !Array.isArray(old.params) ? old.params : {};
  return { ...kept, ...stage.readParams(values) };
}
