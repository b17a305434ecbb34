import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { readRunIds } from "../run-ids.ts";
import { runListing } from "../run-listing.ts";
import { watchedExitCode, watchRuns } from "../watch.ts";

export const positionals = "<id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
Watches until all of them have ended. Exit code 0 when each completed, held, or had nothing to do; 10 when one failed,
ended partial, was cancelled, or was skipped because a run before it failed. Ctrl-C stops watching; the runs go on.
"-" reads ids from standard input.`;
export const examples = ["./penstock runs watch 12", "./penstock runs ls --status running -o ids | ./penstock runs watch -"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  const ids = await readRunIds(io, positionals);
  const format = outputFormat(values);
  return withDoor(io, async (door) => {
    const ended = await watchRuns(io, door, ids, "No longer watching; the runs go on.");
    // In a table it would repeat what standard error has just said.
    if (format !== "table") printRows(io, format, ended, runListing(io, ""));
    return ended.length === 0 ? EXIT.done : watchedExitCode(ended);
  }, { stopsItself: true });
}
