import { formatRelative } from "#lib/format/time";
import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const examples = ["./penstock annotations ls 12", "./penstock annotations ls 12 --json"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  const id = runId(positionals[0] ?? "");
  return withCtx(io, async (ctx) => {
    const { listAnnotations } = await import("#lib/annotations/queries");
    printRows(io, outputFormat(values), await listAnnotations(ctx, id), {
      id: ({ key }) => key,
      empty: `Run #${id} has no annotations. ./penstock annotations set ${id} <key> <value> sets one.`,
      columns: [
        { header: "Key", print: ({ key }) => key },
        { header: "Changed", print: ({ updatedAt }) => formatRelative(updatedAt, io.now()) },
        { header: "Value", print: ({ value }) => value },
      ],
    });
    return EXIT.done;
  });
}
