import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";
import { readTarget, sayPaused } from "../stage-target.ts";

export const positionals = "<stage | pipeline>";
export const options = {
  pipeline: { type: "boolean", help: "the name is a pipeline's: all its stages" },
  reason: { type: "string", value: "text", help: "why, for whoever meets a run that waits" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "Units in flight end. Runs are accepted, from schedules too, and wait until ./penstock stages resume.";
export const examples = ["./penstock stages pause classify --reason 'The quota is used up'", "./penstock stages pause --pipeline mail"];

export async function run(io: Io, { values, positionals: [ref = ""] }: Args<typeof options>): Promise<number> {
  const target = await readTarget(ref, values.pipeline);
  return withCtx(io, async (ctx) => {
    const { pause } = await import("#lib/engine/control");
    const paused = await pause(ctx, { ...target, reason: values.reason });
    printOne(io, outputFormat(values), paused, { id: ref, json: { ...target, ...paused }, table: () => sayPaused(target, paused) });
    return EXIT.done;
  });
}
