import { changeSchedules } from "../change-schedules.ts";
import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<name | id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "What has started goes on; slots that wait for their stage are left out.";
export const examples = ["./penstock schedules pause nightly", "./penstock schedules pause 3 4 --json"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  const { pauseSchedule } = await import("#lib/schedules/mutations");
  return changeSchedules(io, positionals, values, (ctx, { id }) => pauseSchedule(ctx, { id }));
}
