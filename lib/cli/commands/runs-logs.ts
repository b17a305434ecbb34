import { setTimeout as sleep } from "node:timers/promises";
import { runId, wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { type Colour, paint } from "../style.ts";

/** How often it is asked for more while following, in milliseconds. */
const FOLLOW_MS = 500;
const OUTPUTS = ["text", "ndjson"] as const;

export const positionals = "<id>";
export const options = {
  follow: { type: "boolean", short: "f", help: "go on until the run has ended" },
  unit: { type: "string", value: "seq", help: "only lines of this unit" },
  output: { type: "string", short: "o", choices: OUTPUTS, help: "text unless said" },
} as const satisfies Options;
export const details = "Prints what a run said, oldest first, on standard output. Ctrl-C stops following; the run goes on.";
export const examples = ["./penstock runs logs 12", "./penstock runs logs 12 --follow", "./penstock runs logs 12 --unit 3 -o ndjson"];

const COLOURS: Record<string, Colour> = { error: "red", warn: "yellow" };

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const wanted = runId(id);
  const format = values.output ?? "text";
  const unit = values.unit === undefined ? undefined : wholeNumber("--unit", values.unit);
  return withCtx(io, async (ctx) => {
    const [{ getRun }, { readRunLogs }, { printLogLine }, { isFinal }] = await Promise.all([import("#lib/runs/queries"), import("#lib/trace/queries"), import("#lib/trace/rules"), import("#lib/runs/rules")]);
    let after = 0;
    for (;;) {
      // Asked before the lines: what an ended run said is all there by then.
      const { status } = await getRun(ctx, wanted);
      for await (const lines of readRunLogs(ctx, wanted, { unit, after, signal: io.signal })) {
        for (const line of lines) {
          const text = printLogLine(line, format);
          const colour = COLOURS[line.level];
          io.out(format === "text" && colour ? `${paint(io, colour, text.trimEnd())}\n` : text);
        }
        after = lines.at(-1)?.id ?? after;
      }
      if (!values.follow || isFinal(status)) return EXIT.done;
      await sleep(FOLLOW_MS, undefined, { signal: io.signal });
    }
  });
}
