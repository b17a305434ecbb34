import type { Ctx } from "#lib/ctx";
import type { ScheduleRow } from "#lib/schedules/queries";
import { EXIT, type Io } from "./command.ts";
import { withCtx } from "./database.ts";
import { outputFormat, type OutputFormat, printRows } from "./output.ts";
import { scheduleListing } from "./schedule-listing.ts";

/** Does `change` to each schedule, by name or number, and prints what they are then. The first that does not exist ends it. */
export function changeSchedules(io: Io, refs: string[], values: { output?: OutputFormat; json?: boolean }, change: (ctx: Ctx, schedule: ScheduleRow) => Promise<unknown>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { findSchedule, getSchedule } = await import("#lib/schedules/queries");
    const changed = [];
    for (const ref of refs) {
      const schedule = await findSchedule(ctx, ref);
      await change(ctx, schedule);
      changed.push(await getSchedule(ctx, schedule.id));
    }
    printRows(io, outputFormat(values), changed, scheduleListing(io, ""));
    return EXIT.done;
  });
}
