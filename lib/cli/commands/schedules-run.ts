import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { runListing } from "../run-listing.ts";

export const positionals = "<name | id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
Starts what the schedule is for, with its parameters, beside its clock; also when it is paused. Exit code 1 while the
stage is busy, with the number of the run in the way.`;
export const examples = ["./penstock schedules run nightly", "./penstock runs watch $(./penstock schedules run nightly -o ids)"];

export async function run(io: Io, { values, positionals: [ref = ""] }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const [{ findSchedule }, { runScheduleNow }, { getRun }] = await Promise.all([import("#lib/schedules/queries"), import("#lib/engine/schedule"), import("#lib/runs/queries")]);
    const { id } = await findSchedule(ctx, ref);
    const { runIds } = await runScheduleNow(ctx, { id });
    const runs = [];
    for (const runId of runIds) runs.push(await getRun(ctx, runId));
    printRows(io, outputFormat(values), runs, runListing(io, ""));
    return EXIT.done;
  });
}
