import { AppError } from "#lib/errors";
import { ERROR_GROUP_SORTS } from "#lib/error-groups/fields";
import type { ErrorGroupListRow } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { printGroupStatus } from "../error-group-status.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

/** Groups of one question to the database; a longer list is read in several. */
const PAGE = 200;

export const options = {
  status: { type: "string", choices: ["open", "resolved", "ignored", "all"], value: "status", help: "only groups in this status; open unless said" },
  stage: { type: "string", value: "stage", help: "only errors of this stage, such as content or mail/content" },
  pipeline: { type: "string", value: "pipeline", help: "only errors of this pipeline" },
  query: { type: "string", short: "q", value: "text", help: "only groups with this in message, class, stage or step" },
  sort: { type: "string", choices: ERROR_GROUP_SORTS, value: "field", help: "the order, falling; last_seen unless said" },
  limit: { type: "string", value: "n", help: "as many groups at most; 50 unless said" },
  cursor: { type: "string", value: "cursor", help: "go on where an earlier list ended" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const examples = ["./penstock errors ls", "./penstock errors ls --sort count --stage classify", "./penstock errors ls --status all -q timeout --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? 50 : wholeNumber("--limit", values.limit, { min: 1, max: 1_000_000 });
  const [stage, pipeline = values.pipeline] = (values.stage ?? "").split("/").reverse();
  const { ErrorGroupsRequest, isNarrowed } = await import("#lib/error-groups/filter");
  const parsed = ErrorGroupsRequest.safeParse({ status: values.status, stage, pipeline, q: values.query, sort: values.sort, cursor: values.cursor, limit: Math.min(limit, PAGE) });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: `--${path[0] === "q" ? "query" : String(path[0])}`, message }));
    throw new AppError("INVALID", faults.map((fault) => `${fault.path} ${fault.message}`).join("\n"), { faults });
  }
  return withDoor(io, async (door) => {
    const rows: ErrorGroupListRow[] = [];
    let cursor = parsed.data.cursor;
    do {
      const page = await door.listErrorGroups({ ...parsed.data, cursor, limit: Math.min(PAGE, limit - rows.length) });
      rows.push(...page.rows);
      cursor = page.nextCursor;
      io.signal.throwIfAborted();
    } while (cursor !== null && rows.length < limit);
    const now = io.now();
    printRows(io, outputFormat(values), rows, {
      id: ({ id }) => id,
      empty: isNarrowed(parsed.data) || parsed.data.status !== "open" ? "No error group matches." : "No open errors.",
      columns: [
        { header: "Group", align: "right", print: ({ id }) => String(id) },
        { header: "Status", print: ({ status }) => printGroupStatus(io, status) },
        { header: "Where", print: (group) => [group.pipeline, group.stage].join("/") },
        { header: "Count", align: "right", print: ({ count }) => formatCount(count) },
        { header: "Runs", align: "right", print: ({ runs }) => formatCount(runs) },
        { header: "First seen", print: ({ firstSeen }) => formatRelative(firstSeen, now) },
        { header: "Last seen", print: ({ lastSeen }) => formatRelative(lastSeen, now) },
        { header: "Error", print: ({ errorClass, sampleMessage }) => `${errorClass}: ${sampleMessage}` },
      ],
    });
    if (cursor !== null) io.err(`There are more: --cursor ${cursor}\n`);
    return EXIT.done;
  });
}
