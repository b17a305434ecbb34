import { AppError } from "#lib/errors";
import { BULK_DETAILS, BULK_OPTIONS, requireBulk, runBulk } from "../bulk.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { readRunIds } from "../run-ids.ts";
import { printStatus } from "../style.ts";

export const positionals = "[id]…";
export const options = { ...BULK_OPTIONS, ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
Units that wait are cancelled at once, running ones are told to stop; the run is cancelled when the last has stopped.
Exit code 1 when a run had ended before, 4 when there is none of that id; the others are cancelled all the same.
"-" reads ids from standard input.
${BULK_DETAILS.trim()}`;
export const examples = ["./penstock runs cancel --all --status pending --started 7d", "./penstock runs cancel 12 13", "./penstock runs ls --status pending -o ids | ./penstock runs cancel -"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  requireBulk(values, positionals);
  const format = outputFormat(values);
  if (values.all) return runBulk(io, "cancel", values, format);
  const ids = await readRunIds(io, positionals);
  return withDoor(io, async (door) => {
    const results = [];
    let exitCode: number = EXIT.done;
    for (const id of ids) {
      try {
        const result = await door.cancelRun(id);
        // Cancelled twice is cancelled: what was asked for is so.
        if (!result.ok && result.status !== "cancelled") {
          io.err(`Run #${id} had ended before: ${result.status}.\n`);
          exitCode ||= EXIT.failed;
        }
        results.push({ id, ...result });
      } catch (error) {
        if (!(error instanceof AppError && error.code === "NOT_FOUND") || ids.length === 1) throw error;
        io.err(`${error.message}\n`);
        exitCode = 4;
      }
      io.signal.throwIfAborted();
    }
    printRows(io, format, results, {
      id: ({ id }) => id,
      empty: "Nothing was cancelled.",
      columns: [
        { header: "Run", align: "right", print: ({ id }) => `#${id}` },
        { header: "Status", print: ({ status }) => printStatus(io, status) },
        { header: "", print: ({ ok, status }) => (ok && status !== "cancelled" ? "stops as soon as its running units have" : "") },
      ],
    });
    return exitCode;
  });
}
