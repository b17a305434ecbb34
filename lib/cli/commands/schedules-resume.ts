import { changeSchedules } from "../change-schedules.ts";
import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<name | id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Slots that passed while it was paused are not made up for.";
export const examples = ["./penstock schedules resume nightly", "./penstock schedules resume 3 4 --json"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  const { resumeSchedule } = await import("#lib/schedules/mutations");
  return changeSchedules(io, positionals, values, (ctx, { id }) => resumeSchedule(ctx, { id }));
}
