import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";
import { nameTarget, readTarget } from "../stage-target.ts";

export const positionals = "<stage | pipeline>";
export const options = {
  pipeline: { type: "boolean", help: "the name is a pipeline's: all its stages but those that are paused by themselves" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "What waits begins at once. A stage of a paused pipeline stays paused with it.";
export const examples = ["./penstock stages resume classify", "./penstock stages resume --pipeline mail"];

export async function run(io: Io, { values, positionals: [ref = ""] }: Args<typeof options>): Promise<number> {
  const target = await readTarget(ref, values.pipeline);
  return withCtx(io, async (ctx) => {
    const { resume } = await import("#lib/engine/control");
    const resumed = await resume(ctx, target);
    printOne(io, outputFormat(values), resumed, { id: ref, json: { ...target, ...resumed }, table: () => `${nameTarget(target)} ${resumed.ok ? "goes on" : "was not paused"}.\n` });
    return EXIT.done;
  });
}
