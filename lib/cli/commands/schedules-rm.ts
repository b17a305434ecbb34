import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";

export const positionals = "<name | id>…";
export const options = {} as const satisfies Options;
export const details = "Its runs stay. To keep it for later, pause it instead. Exit code 4 when there is no such schedule.";
export const examples = ["./penstock schedules rm nightly"];

export async function run(io: Io, { positionals }: Args<typeof options>): Promise<number> {
  const { deleteSchedule } = await import("#lib/schedules/mutations");
  return withCtx(io, async (ctx) => {
    const { findSchedule } = await import("#lib/schedules/queries");
    for (const ref of positionals) {
      const { id, name } = await findSchedule(ctx, ref);
      await deleteSchedule(ctx, { id });
      io.err(`Schedule "${name}" is deleted.\n`);
    }
    return EXIT.done;
  });
}
