import { RUN_SORTS } from "#lib/runs/fields";
import type { RunRow } from "#lib/runs/queries";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { FILTER_OPTIONS, filterParams, parseFlags } from "../filter-flags.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { runListing } from "../run-listing.ts";

/** Runs of one question to the database; a longer list is read in several. */
const PAGE = 200;
const SORT_CHOICES = RUN_SORTS.flatMap((sort) => [`-${sort}`, sort]);

export const options = {
  ...FILTER_OPTIONS,
  sort: { type: "string", choices: SORT_CHOICES, value: "field", help: "the order, - for falling; -started unless said" },
  limit: { type: "string", value: "n", help: "as many runs at most; 50 unless said" },
  cursor: { type: "string", value: "cursor", help: "go on where an earlier list ended" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "The filters are those of the page /runs. When there are more runs than asked for, the cursor that goes on is said on standard error.";
export const examples = [
  "./penstock runs ls --status failed --status partial",
  "./penstock runs ls --stage content --sort -items --limit 10",
  "./penstock runs ls -q timeout --started 7d --not stage=engage -o json",
  "./penstock runs ls --limit 100000 -o ndjson > runs.ndjson",
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 10_000_000 });
  const format = outputFormat(values);
  const { parseRunsRequest } = await import("#lib/runs/filter");
  const params = filterParams(values);
  if (values.sort) params.set("sort", values.sort);
  if (values.cursor) params.set("cursor", values.cursor);
  const filter = parseFlags(() => parseRunsRequest(params));
  return withDoor(io, async (door) => {
    const listing = runListing(io, filter.tree ? "No run matches." : "No runs yet. ./penstock run <stage> starts one; ./penstock stages ls shows the stages.");
    const rows: RunRow[] = [];
    let cursor = filter.cursor;
    let count = 0;
    do {
      const page = await door.listRuns({ ...filter, cursor, limit: Math.min(PAGE, limit - count) });
      count += page.rows.length;
      cursor = page.nextCursor;
      // What needs no table around it is printed as it comes, so that any number of runs fits.
      if (format === "ndjson" || format === "ids") printRows(io, format, page.rows, listing);
      else rows.push(...page.rows);
      io.signal.throwIfAborted();
    } while (cursor !== null && count < limit);
    if (format === "json" || format === "table") printRows(io, format, rows, listing);
    if (cursor !== null) io.err(`There are more: --cursor ${cursor}\n`);
    return EXIT.done;
  });
}
