import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<id> <key> <value>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Sets an annotation, new or in place of what it was. Keys that start with system/ belong to Penstock.";
export const examples = ["./penstock annotations set 12 team red", './penstock annotations set 12 note "looked into it"'];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  const [id = "", key, value] = positionals;
  const { SetAnnotationInput, setAnnotation } = await import("#lib/annotations/mutations");
  const { parseAnnotation } = await import("#lib/api/annotations");
  const input = parseAnnotation(SetAnnotationInput, { runId: runId(id), key, value });
  return withCtx(io, async (ctx) => {
    const result = await setAnnotation(ctx, input);
    printOne(io, outputFormat(values), result, { id: result.key, table: () => `Run #${input.runId}: ${result.key} is now "${result.value}".\n` });
    return EXIT.done;
  });
}
