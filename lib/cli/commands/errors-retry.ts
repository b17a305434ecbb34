import { errorGroupId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const positionals = "<id>";
export const options = {
  whole: { type: "boolean", help: "plan each run anew, instead of taking over only the units that did not succeed" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = `
Retries the runs that failed with it and that no later run stands for, newest first, 100 at most a go. A stage that is
busy refuses; the others are retried all the same. Exit code 1 when not one was retried though some waited.
-o ids prints the new runs.`;
export const examples = ["./penstock errors retry 12", "./penstock errors retry 12 -o ids | xargs ./penstock runs watch"];

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const groupId = errorGroupId(id);
  const format = outputFormat(values);
  return withCtx(io, async (ctx) => {
    const { retryErrorGroup } = await import("#lib/engine/retry-group");
    const { results, hasMore } = await retryErrorGroup(ctx, { groupId, onlyFailed: !values.whole });
    const shown = format === "ids" ? results.filter(({ retriedAs }) => retriedAs !== null) : results;
    printRows(io, format, shown, {
      id: ({ retriedAs }) => retriedAs ?? 0,
      empty: "No run waits for a retry.",
      columns: [
        { header: "Run", align: "right", print: ({ runId }) => `#${runId}` },
        { header: "Retried as", align: "right", print: ({ retriedAs }) => (retriedAs === null ? "–" : `#${retriedAs}`) },
        { header: "Why not", print: ({ refusal }) => refusal ?? "" },
      ],
    });
    if (hasMore) io.err("More runs wait: retry the group again when these have ended.\n");
    return results.length > 0 && results.every(({ retriedAs }) => retriedAs === null) ? EXIT.failed : EXIT.done;
  });
}
