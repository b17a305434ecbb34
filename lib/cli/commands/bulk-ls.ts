import { BULK_WORDS } from "#lib/bulk/fields";
import { formatCount } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "The newest fifty. ./penstock runs retry --all and ./penstock runs cancel --all begin one.";

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { listBulks } = await import("#lib/bulk/queries");
    const now = io.now();
    printRows(io, outputFormat(values), (await listBulks(ctx)).rows, {
      id: ({ id }) => id,
      empty: "No bulk action yet.",
      columns: [
        { header: "Bulk", align: "right", print: ({ id }) => String(id) },
        { header: "What", print: ({ kind }) => BULK_WORDS[kind].verb },
        { header: "Status", print: ({ status }) => status },
        { header: "Runs", align: "right", print: ({ total }) => formatCount(total) },
        { header: "Done", align: "right", print: ({ done }) => formatCount(done) },
        { header: "Left out", align: "right", print: ({ skipped }) => formatCount(skipped) },
        { header: "Failed", align: "right", print: ({ failed }) => formatCount(failed) },
        { header: "Begun", print: ({ createdAt }) => formatRelative(createdAt, now) },
        { header: "By", print: ({ actor }) => actor },
        { header: "Filter", print: ({ query }) => query || "every run" },
      ],
    });
    return EXIT.done;
  });
}
