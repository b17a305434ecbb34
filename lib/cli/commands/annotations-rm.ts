import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";

export const positionals = "<id> <key>";
export const options = {} as const satisfies Options;
export const details = "Exit code 4 when the run has no such annotation.";
export const examples = ["./penstock annotations rm 12 team"];

export async function run(io: Io, { positionals }: Args<typeof options>): Promise<number> {
  const [id = "", key] = positionals;
  const { DeleteAnnotationInput, deleteAnnotation } = await import("#lib/annotations/mutations");
  const { parseAnnotation } = await import("#lib/api/annotations");
  const input = parseAnnotation(DeleteAnnotationInput, { runId: runId(id), key });
  return withCtx(io, async (ctx) => {
    await deleteAnnotation(ctx, input);
    io.err(`Run #${input.runId} no longer has "${input.key}".\n`);
    return EXIT.done;
  });
}
