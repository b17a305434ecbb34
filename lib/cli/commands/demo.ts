import { DEMO_DAYS, DEMO_RUNS, DEMO_SEED } from "#lib/demo/rules";
import { formatCount } from "#lib/format/number";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { type Session, withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";
import { bar, openCanvas } from "../progress.ts";
import { paint } from "../style.ts";

export const options = {
  remove: { type: "boolean", help: "remove the demo data, and nothing else" },
  days: { type: "string", value: "n", help: `how far back it reaches: ${DEMO_DAYS.usual} unless said` },
  runs: { type: "string", value: "n", help: `about how many runs: ${DEMO_RUNS.usual} unless said` },
  seed: { type: "string", value: "n", help: "another seed makes other runs" },
  force: { type: "boolean", help: "also where there are real runs" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
Makes runs of every status in three pipelines, with their steps, model calls and errors, a bad afternoon three days ago among them.
Each is marked with the annotation system/demo. What pipelines have produced is not touched. A second time changes nothing.
Exit code 1 where there are real runs already, unless --force is given.`;
export const examples = ["./penstock demo", "./penstock demo --days 7 --runs 500", "./penstock demo --remove"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const number = (name: "days" | "runs", { least, usual, most }: { least: number; usual: number; most: number }) => wholeNumber(`--${name}`, values[name] ?? String(usual), { min: least, max: most });
  const input = { days: number("days", DEMO_DAYS), runs: number("runs", DEMO_RUNS), seed: wholeNumber("--seed", values.seed ?? String(DEMO_SEED), { max: 2 ** 31 - 1 }), force: values.force ?? false };
  const format = outputFormat(values);
  return withCtx(io, async (ctx) => {
    if (values.remove) {
      const { removeDemo } = await import("#lib/demo/mutations");
      const result = await removeDemo(ctx);
      const said = result.removed > 0 ? `${formatCount(result.removed)} demo runs removed.\n` : "There is no demo data here.\n";
      printOne(io, format, result, { id: result.removed, table: () => said });
      return EXIT.done;
    }
    const { created, ...demo } = await fill(io, ctx, input);
    const { describeDemo } = await import("#lib/demo/mutations");
    printOne(io, format, { created, ...demo }, { id: demo.runs, table: () => `${describeDemo(demo)}${created ? "" : " are here already"}. Remove them with ./penstock demo --remove\n` });
    return EXIT.done;
  }, { stopsItself: true });
}

/** Ctrl-C between two batches takes everything back. */
async function fill(io: Io, ctx: Session, input: { days: number; runs: number; seed: number; force: boolean }) {
  const { createDemo } = await import("#lib/demo/mutations");
  const canvas = openCanvas(io);
  try {
    return await createDemo(ctx, input, ({ runs, total }) => {
      io.signal.throwIfAborted();
      canvas.draw([`${paint(io, "blue", bar(runs / total, 24))} ${formatCount(runs)} of ${formatCount(total)} demo runs`]);
    });
  } finally {
    canvas.end();
  }
}
