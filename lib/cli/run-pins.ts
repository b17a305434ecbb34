import { AppError } from "#lib/errors";
import type { PinRunResult } from "#lib/retention/mutations";
import { EXIT, type Io } from "./command.ts";
import { withCtx } from "./database.ts";
import { type OutputFormat, outputFormat, printRows } from "./output.ts";
import { readRunIds } from "./run-ids.ts";

/** Pins runs, or lets them go: what `runs pin` and `runs unpin` do. */
export async function setPins(io: Io, positionals: string[], values: { output?: OutputFormat; json?: boolean }, pinned: boolean): Promise<number> {
  const ids = await readRunIds(io, positionals);
  const format = outputFormat(values);
  return withCtx(io, async (ctx) => {
    const { pinRun } = await import("#lib/retention/mutations");
    const results: PinRunResult[] = [];
    let exitCode: number = EXIT.done;
    for (const runId of ids) {
      try {
        results.push(await pinRun(ctx, { runId, pinned }));
      } catch (error) {
        if (!(error instanceof AppError && error.code === "NOT_FOUND") || ids.length === 1) throw error;
        io.err(`${error.message}\n`);
        exitCode = 4;
      }
      io.signal.throwIfAborted();
    }
    printRows(io, format, results, {
      id: ({ runId }) => runId,
      empty: "No run was changed.",
      columns: [
        { header: "Run", align: "right", print: ({ runId }) => `#${runId}` },
        { header: "", print: ({ changed }) => `${pinned ? "pinned" : "not pinned"}${changed ? "" : ", as before"}` },
      ],
    });
    return exitCode;
  });
}
