import { type ChainCheck, sayFault } from "#lib/audit/fields";
import { formatCount } from "#lib/format/number";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Hashes every entry anew and follows the chain from one to the next. Exit code 1 when somebody changed, deleted, inserted or moved an entry past Penstock. Keep the hash elsewhere: who rebuilds the whole chain gets another one.";
export const examples = ["./penstock audit verify", "./penstock audit verify -o json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { verifyAudit } = await import("#lib/audit/mutations");
    const check = await verifyAudit(ctx, io.signal);
    printOne(io, outputFormat(values), check, { id: check.entry ?? 0, table: () => sayCheck(check) });
    return check.holds ? EXIT.done : EXIT.failed;
  });
}

function sayCheck({ fault, entries, entry, hash, waiting }: ChainCheck): string {
  const rest = waiting > 0 ? `${formatCount(waiting)} newer wait to be sealed.\n` : "";
  if (fault) return `The audit log does not hold. ${sayFault(fault)}.\n${entry === null ? "No entry before it is left to hold." : `It holds up to entry ${entry}.`}\n${rest}`;
  return entry === null ? `The audit log is empty, and nothing was taken from it.\n${rest}` : `The audit log holds: ${formatCount(entries)} entries, up to entry ${entry}.\nHash ${hash}\n${rest}`;
}
