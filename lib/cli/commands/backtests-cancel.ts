import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<job id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Model-days that run are told to stop, those that wait never begin, what is written stays. Exit code 1 when the job has ended already.";
export const examples = ["./penstock backtests ls -n 1 -o ids", "./penstock backtests cancel 550e8400-e29b-41d4-a716-446655440000"];

export async function run(io: Io, { values, positionals: [jobId = ""] }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { cancelJob } = await import("#lib/backtests/mutations");
    const result = await cancelJob(ctx, { jobId });
    if (!result.ok) throw new AppError("CONFLICT", `Job ${jobId} has already ended: it is ${result.status}.`);
    printOne(io, outputFormat(values), result, { id: jobId, table: () => `Job ${jobId} is ${result.status === "cancelled" ? "cancelled" : "told to stop"}.\n` });
    return EXIT.done;
  });
}
