import { formatCount } from "#lib/format/number";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

/** Runs of one go; between two Ctrl-C is heard. */
const BATCH = 500;

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
Failures are grouped as they happen. This groups those of runs that ended before there were groups, or that another
program wrote. What has been grouped is left alone, so it may be repeated and cut off.`;
export const examples = ["./penstock errors collect"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { groupEarlierFailures } = await import("#lib/error-groups/mutations");
    let runs = 0;
    for (;;) {
      const found = await groupEarlierFailures(ctx, { limit: BATCH });
      runs += found.runs;
      if (found.runs < BATCH) break;
      io.signal.throwIfAborted();
    }
    printOne(io, outputFormat(values), { runs }, { id: runs, table: () => (runs === 0 ? "There was nothing to group.\n" : `The failures of ${formatCount(runs)} runs are grouped.\n`) });
    return EXIT.done;
  });
}
