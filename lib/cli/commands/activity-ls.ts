import { ACTIVITY_TYPES, MAX_ACTIVITY } from "#lib/activity/fields";
import type { ActivityRow } from "#lib/activity/queries";
import { sayActivity } from "#lib/activity/rules";
import { formatDuration } from "#lib/format/duration";
import { formatRelative } from "#lib/format/time";
import { isFinal } from "#lib/runs/rules";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { FILTER_OPTIONS, filterParams, parseFlags } from "../filter-flags.ts";
import { type Listing, OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { printMark } from "../style.ts";

export const options = {
  ...FILTER_OPTIONS,
  limit: { type: "string", value: "n", help: "as many lines at most; 50 unless said" },
  cursor: { type: "string", value: "cursor", help: "go on where an earlier list ended" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "Runs starting and ending, and what people did: triggered, cancelled, retried, imported, annotated; newest first. With a filter only what belongs to runs that match, so no imports. When there is more than asked for, the cursor that goes on is said on standard error.";
export const examples = ["./penstock activity ls", "./penstock activity ls --stage content --status failed", "./penstock activity ls --limit 1000 -o ndjson"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 1_000_000 });
  const format = outputFormat(values);
  let before = values.cursor === undefined ? null : wholeNumber("--cursor", values.cursor, { min: 1 });
  const [{ parseRunsRequest }, { resolveMe }] = await Promise.all([import("#lib/runs/filter"), import("#lib/filters/rules")]);
  const asked = parseFlags(() => parseRunsRequest(filterParams(values))).tree;
  return withCtx(io, async (ctx) => {
    const { listActivity } = await import("#lib/activity/queries");
    const tree = asked && resolveMe(asked, ctx.actor.name);
    const rows: ActivityRow[] = [];
    do {
      const page = await listActivity(ctx, { tree, before, limit: Math.min(MAX_ACTIVITY, limit - rows.length) });
      rows.push(...page.rows);
      before = page.next;
      io.signal.throwIfAborted();
    } while (before !== null && rows.length < limit);
    printRows(io, format, rows, activityListing(io, tree ? "Nothing of runs that match." : "Nothing has happened yet. ./penstock run <stage> starts a run; ./penstock stages ls shows the stages."));
    if (before !== null) io.err(`There is more: --cursor ${before}\n`);
    return EXIT.done;
  });
}

function activityListing(io: Io, empty: string): Listing<ActivityRow> {
  const now = io.now();
  return {
    id: ({ id }) => id,
    empty,
    columns: [
      { header: "When", print: ({ at }) => formatRelative(at, now) },
      { header: "Run", align: "right", print: ({ run }) => (run ? `#${run.id}` : "–") },
      { header: "Took", align: "right", print: tookOf },
      { header: "What", print: (row) => `${markOf(io, row)} ${sayActivity(row)}` },
    ],
  };
}

const tookOf = ({ data, type }: ActivityRow): string => (ACTIVITY_TYPES[type].kind === "ended" && typeof data.durationMs === "number" ? formatDuration(data.durationMs) : "");

/** What runs turns only while it does. */
function markOf(io: Io, { type, run }: ActivityRow): string {
  const { mark } = ACTIVITY_TYPES[type];
  if (mark === null) return "·";
  return printMark(io, mark === "running" && (!run || isFinal(run.status)) ? "pending" : mark);
}
