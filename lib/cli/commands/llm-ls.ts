import { CALL_FIELDS } from "#lib/filters/fields";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatUsd } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import { CALL_SORTS } from "#lib/llm-calls/fields";
import type { CallRow } from "#lib/llm-calls/queries";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { parseFlags } from "../filter-flags.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";
import { paint } from "../style.ts";

/** Calls of one question to the database; a longer list is read in several. */
const PAGE = 200;

const FILTERS = {
  id: { type: "string", multiple: true, value: "n", help: "only these calls" },
  status: { type: "string", multiple: true, choices: CALL_FIELDS["system/llm_call.status"].choices, value: "status", help: "only calls in this status" },
  stage: { type: "string", multiple: true, value: "stage", help: "only calls of this stage" },
  pipeline: { type: "string", multiple: true, value: "pipeline", help: "only calls of this pipeline" },
  run: { type: "string", multiple: true, value: "n", help: "only calls of this run" },
  role: { type: "string", multiple: true, value: "role", help: "only calls of this part of a stage" },
  subject: { type: "string", multiple: true, value: "text", help: "only calls about this; ~part for a part of it" },
  template: { type: "string", multiple: true, value: "name", help: "only calls of this prompt template" },
  model: { type: "string", multiple: true, value: "model", help: "only calls of this model" },
  provider: { type: "string", multiple: true, value: "host", help: "only calls of this provider" },
  cost: { type: "string", multiple: true, value: "range", help: "only calls that cost so much, in US dollars: 0.01..0.5" },
  tokens: { type: "string", multiple: true, value: "range", help: "only calls of so many tokens: 1000.." },
  duration: { type: "string", multiple: true, value: "range", help: "only calls that took so long: 5s.." },
  attempt: { type: "string", multiple: true, value: "range", help: "only such attempts: 2.. for retries and repairs" },
  error: { type: "string", multiple: true, value: "text", help: "only calls with this in their error" },
  created: { type: "string", multiple: true, value: "time", help: "only calls made in the last 7d, or 2026-03-01T00:00:00Z.." },
  query: { type: "string", short: "q", value: "text", help: "only calls with this in subject or error; #12 is call 12" },
  not: { type: "string", multiple: true, value: "field=value", help: "leave these out: --not status=ok" },
  filter: { type: "string", value: "json", help: "only calls that match this filter tree, for what the others cannot say" },
} as const satisfies Options;

export const options = {
  ...FILTERS,
  sort: { type: "string", choices: CALL_SORTS.flatMap((sort) => [`-${sort}`, sort]), value: "field", help: "the order, - for falling; -created unless said" },
  limit: { type: "string", value: "n", help: "as many calls at most; 50 unless said" },
  cursor: { type: "string", value: "cursor", help: "go on where an earlier list ended" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "The filters are those of the page /ai-audit. Texts are not listed: ./penstock llm show has them.";
export const examples = ["./penstock llm ls --status error --created 24h", "./penstock llm ls --sort -cost --limit 10", "./penstock llm ls --run 12 -o json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 10_000_000 });
  const format = outputFormat(values);
  const { parseCallsRequest } = await import("#lib/llm-calls/filter");
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries(values)) {
    if (!(name in FILTERS) || given === undefined) continue;
    for (const value of [given].flat()) {
      if (name !== "not") params.append(name === "query" ? "q" : name, String(value));
      else params.append(`not.${String(value).split("=", 1)[0]}`, String(value).slice(String(value).indexOf("=") + 1));
    }
  }
  if (values.sort) params.set("sort", values.sort);
  if (values.cursor) params.set("cursor", values.cursor);
  const filter = parseFlags(() => parseCallsRequest(params));
  return withDoor(io, async (door) => {
    const now = io.now();
    const listing = {
      id: ({ id }: CallRow) => id,
      empty: filter.tree ? "No call matches." : "No model call yet.",
      columns: [
        { header: "Call", align: "right" as const, print: ({ id }: CallRow) => `#${id}` },
        { header: "Made", print: ({ createdAt }: CallRow) => formatRelative(createdAt, now) },
        { header: "Status", print: ({ status }: CallRow) => (status === "error" ? paint(io, "red", status) : status) },
        { header: "Stage", print: ({ pipeline, stage }: CallRow) => (stage ? `${pipeline}/${stage}` : "–") },
        { header: "Role", print: ({ role }: CallRow) => role },
        { header: "Model", print: ({ model }: CallRow) => model },
        { header: "Tokens", align: "right" as const, print: ({ totalTokens }: CallRow) => (totalTokens === null ? "–" : formatCount(totalTokens)) },
        { header: "Cost", align: "right" as const, print: ({ costUsd }: CallRow) => (costUsd === null ? "–" : formatUsd(costUsd)) },
        { header: "Duration", align: "right" as const, print: ({ durationMs }: CallRow) => (durationMs === null ? "–" : formatDuration(durationMs)) },
        { header: "Run", align: "right" as const, print: ({ runId }: CallRow) => (runId === null ? "–" : `#${runId}`) },
        { header: "About", print: ({ subject, error }: CallRow) => error ?? subject ?? "" },
      ],
    };
    const rows: CallRow[] = [];
    let cursor = filter.cursor;
    let count = 0;
    do {
      const page = await door.listCalls({ ...filter, cursor, limit: Math.min(PAGE, limit - count) });
      count += page.rows.length;
      cursor = page.nextCursor;
      if (format === "ndjson" || format === "ids") printRows(io, format, page.rows, listing);
      else rows.push(...page.rows);
      io.signal.throwIfAborted();
    } while (cursor !== null && count < limit);
    if (format === "json" || format === "table") printRows(io, format, rows, listing);
    if (cursor !== null) io.err(`There are more: --cursor ${cursor}\n`);
    return EXIT.done;
  });
}
