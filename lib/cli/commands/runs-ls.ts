import { AppError } from "#lib/errors";
import { RUN_SORTS } from "#lib/runs/fields";
import type { RunRow } from "#lib/runs/queries";
import { RUN_STATUSES } from "#lib/runs/rules";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { runListing } from "../run-listing.ts";

/** Runs of one question to the database; a longer list is read in several. */
const PAGE = 200;
const SORT_CHOICES = RUN_SORTS.flatMap((sort) => [`-${sort}`, sort]);

export const options = {
  status: { type: "string", multiple: true, choices: RUN_STATUSES, value: "status", help: "only runs in this status" },
  stage: { type: "string", multiple: true, value: "stage", help: "only runs of this stage, such as content or mail/content" },
  pipeline: { type: "string", multiple: true, value: "pipeline", help: "only runs of this pipeline" },
  query: { type: "string", short: "q", value: "text", help: "only runs with this in stage, pipeline, status or error; #12 is run 12" },
  sort: { type: "string", choices: SORT_CHOICES, value: "field", help: "the order, - for falling; -started unless said" },
  limit: { type: "string", value: "n", help: "as many runs at most; 50 unless said" },
  cursor: { type: "string", value: "cursor", help: "go on where an earlier list ended" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "The filters are those of the page /runs. When there are more runs than asked for, the cursor that goes on is said on standard error.";
export const examples = [
  "./penstock runs ls --status failed --status partial",
  "./penstock runs ls --stage content --sort -items --limit 10",
  "./penstock runs ls -q timeout -o json",
  "./penstock runs ls --limit 100000 -o ndjson > runs.ndjson",
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 10_000_000 });
  const format = outputFormat(values);
  const stages = (values.stage ?? []).map((stage) => stage.split("/"));
  const { RunsRequest } = await import("#lib/runs/filter");
  const parsed = RunsRequest.safeParse({
    status: values.status,
    stage: stages.map((parts) => parts.at(-1)),
    pipeline: [...(values.pipeline ?? []), ...stages.flatMap((parts) => (parts.length > 1 ? [parts[0]] : []))],
    q: values.query,
    sort: values.sort ?? "-started",
    cursor: values.cursor,
    limit: Math.min(limit, PAGE),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: `--${path[0] === "q" ? "query" : String(path[0])}`, message }));
    throw new AppError("INVALID", faults.map((fault) => `${fault.path} ${fault.message}`).join("\n"), { faults });
  }
  return withCtx(io, async (ctx) => {
    const { listRuns } = await import("#lib/runs/queries");
    const { isNarrowed } = await import("#lib/runs/filter");
    const listing = runListing(io, isNarrowed(parsed.data) ? "No run matches." : "No runs yet. ./penstock run <stage> starts one; ./penstock stages ls shows the stages.");
    const rows: RunRow[] = [];
    let cursor = parsed.data.cursor;
    let count = 0;
    do {
      const page = await listRuns(ctx, { ...parsed.data, cursor, limit: Math.min(PAGE, limit - count) });
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
