import { AppError } from "#lib/errors";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
The worker takes nothing new from now on, finishes what it holds, however long that takes, and ends. It is not started again.
Exit code 1 when it has stopped already, 4 when there is none of that id.`;
export const examples = ["./penstock workers ls", "./penstock workers drain 7"];

export async function run(io: Io, { values, positionals: [idText = ""] }: Args<typeof options>): Promise<number> {
  const workerId = wholeNumber("The worker's id", idText, { min: 1 });
  return withCtx(io, async (ctx) => {
    const { drainWorker } = await import("#lib/workers/mutations");
    const result = await drainWorker(ctx, { workerId });
    if (!result.ok) throw new AppError("CONFLICT", `Worker ${workerId} has stopped already: ${result.stopReason ?? "nobody knows why"}.`);
    printOne(io, outputFormat(values), result, { id: workerId, table: () => `Worker ${workerId} takes nothing new and stops ${result.holds === 0 ? "now" : `when it has finished ${result.holds} ${result.holds === 1 ? "unit" : "units"}`}.\n` });
    return EXIT.done;
  });
}
