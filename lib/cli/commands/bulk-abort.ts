import { AppError } from "#lib/errors";
import { wholeNumber } from "../arguments.ts";
import { renderBulk } from "../bulk.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Within a second nothing more is done; what was done stays done. Exit code 1 when it had ended before.";
export const examples = ["./penstock bulk abort 3"];

export async function run(io: Io, { values, positionals: [text = ""] }: Args<typeof options>): Promise<number> {
  const id = wholeNumber("<id>", text, { min: 1 });
  return withCtx(io, async (ctx) => {
    const [{ abortBulk }, { getBulk }] = await Promise.all([import("#lib/bulk/mutations"), import("#lib/bulk/queries")]);
    const result = await abortBulk(ctx, { id });
    if (!result.ok && result.status !== "aborted") throw new AppError("CONFLICT", `Bulk action ${id} has ended already: it is ${result.status}.`);
    const bulk = await getBulk(ctx, id);
    printOne(io, outputFormat(values), bulk, { id, table: () => renderBulk(io, bulk) });
    return EXIT.done;
  });
}
