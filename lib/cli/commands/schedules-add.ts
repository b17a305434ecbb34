import { AppError } from "#lib/errors";
import { RUN_PRIORITIES } from "#lib/runs/rules";
import { MISFIRES, OVERLAPS } from "#lib/schedules/fields";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { parseParams } from "../params.ts";
import { scheduleListing } from "../schedule-listing.ts";

export const positionals = "<name> <cron> <stage | pipeline>";
export const options = {
  all: { type: "boolean", help: "every stage of the pipeline, each after those it needs" },
  zone: { type: "string", short: "z", value: "zone", help: "the time zone that the cron expression is read in; UTC unless said" },
  misfire: { type: "string", choices: MISFIRES, value: "policy", help: "slots missed while no worker ran: skip (unless said), once, or all" },
  overlap: { type: "string", choices: OVERLAPS, value: "policy", help: "a slot whose stage is still busy: skip (unless said), queue, or join the run that goes on" },
  priority: { type: "string", choices: RUN_PRIORITIES, value: "level", help: "of the runs it starts: low unless said" },
  param: { type: "string", multiple: true, short: "p", value: "name=value", help: "a parameter of the stage" },
  params: { type: "string", value: "json", help: "parameters as a JSON object; --param wins over it" },
  paused: { type: "boolean", help: "make it, and let it stand still until it is resumed" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = `
The expression has five fields (minute, hour, day, month, weekday), six with seconds first, or is a nickname such as
@daily. Slots are at least 10 seconds apart. A fixed time that a change of clocks leaves out runs at the first moment
after, one that comes twice runs once; what recurs, such as */15, follows the real time.`;
export const examples = [
  './penstock schedules add nightly "0 3 * * *" content --zone Europe/Berlin',
  './penstock schedules add "whole archive" "@weekly" mail --all --misfire once',
  './penstock schedules add often "*/15 * * * *" mail/classify --overlap queue -p batchSize=50',
];

export async function run(io: Io, { values, positionals: [name = "", cron = "", what = ""] }: Args<typeof options>): Promise<number> {
  const { findPipeline, resolveStage } = await import("#lib/pipelines/registry");
  const single = values.all ? null : resolveStage(what);
  const pipeline = single?.pipeline ?? findPipeline(what);
  const params = parseParams(single ? [single.stage] : pipeline.stages.filter((stage) => !stage.manual), values);
  const { createSchedule, ScheduleInput } = await import("#lib/schedules/mutations");
  const { zone, misfire, overlap, priority, paused } = values;
  const parsed = ScheduleInput.safeParse({ name, cron, pipeline: pipeline.name, stage: single?.stage.name ?? null, params, zone, misfire, overlap, priority, paused });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    throw new AppError("INVALID", faults.map(({ path, message }) => `${path}: ${message}`).join("\n"), { faults });
  }
  return withCtx(io, async (ctx) => {
    const { getSchedule } = await import("#lib/schedules/queries");
    const { id } = await createSchedule(ctx, parsed.data);
    printRows(io, outputFormat(values), [await getSchedule(ctx, id)], scheduleListing(io, ""));
    return EXIT.done;
  });
}
