import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";
import { nameTarget, readTarget } from "../stage-target.ts";

export const positionals = "<stage> <units | default>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "So many units of the stage may be in flight at all workers together; with default, as its definition says. To let nothing start, pause it.";
export const examples = ["./penstock stages limit classify 2", "./penstock stages limit mail/classify default"];

export async function run(io: Io, { values, positionals: [ref = "", count = ""] }: Args<typeof options>): Promise<number> {
  const limit = count === "default" ? null : wholeNumber("The limit", count, { min: 1, max: 10_000 });
  const { pipeline, stage = "" } = await readTarget(ref, false);
  return withCtx(io, async (ctx) => {
    const { setLimit } = await import("#lib/engine/control");
    const set = await setLimit(ctx, { pipeline, stage, limit });
    const says = set.limit === null ? "has no limit" : `may have ${set.limit} ${set.limit === 1 ? "unit" : "units"} in flight`;
    printOne(io, outputFormat(values), set, { id: ref, json: { pipeline, stage, ...set }, table: () => `${nameTarget({ pipeline, stage })} ${says}.\n` });
    return EXIT.done;
  });
}
