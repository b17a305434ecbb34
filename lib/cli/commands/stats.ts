import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent } from "#lib/format/number";
import { RUN_STATUSES } from "#lib/runs/rules";
import { STATS_BY } from "#lib/stats/fields";
import type { StatsGroup, StatsRow } from "#lib/stats/queries";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, printRows, renderFacts } from "../output.ts";

export const options = {
  by: { type: "string", choices: STATS_BY, value: "field", help: "one line each status, stage, pipeline, trigger, day or hour (UTC)" },
  status: { type: "string", multiple: true, choices: RUN_STATUSES, value: "status", help: "only runs in this status" },
  stage: { type: "string", multiple: true, value: "stage", help: "only runs of this stage, such as content or mail/content" },
  pipeline: { type: "string", multiple: true, value: "pipeline", help: "only runs of this pipeline" },
  query: { type: "string", short: "q", value: "text", help: "only runs with this in stage, pipeline, status or error; #12 is run 12" },
  filter: { type: "string", value: "json", help: "only runs that match this filter tree" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = `
How many runs there are, how they went, how long they took and what they cost. Success is the share of completed and hold
among those that were carried out; durations are of runs that have ended. "me" in a filter is your user name.`;
export const examples = [
  "./penstock stats",
  "./penstock stats --by stage --status failed --status partial",
  `./penstock stats --by day --filter '{"and": [{"key_exists": {"key": "team"}}]}' --json`,
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const stages = (values.stage ?? []).map((stage) => stage.split("/"));
  const [{ RunsRequest }, { treeOfList }, { parseFilterText }, { resolveMe }] = await Promise.all([import("#lib/runs/filter"), import("#lib/api/stats"), import("#lib/filters/filter"), import("#lib/filters/rules")]);
  const given = parseFilterText(values.filter, "--filter");
  const filter = RunsRequest.parse({
    status: values.status,
    stage: stages.map((parts) => parts.at(-1)),
    pipeline: [...(values.pipeline ?? []), ...stages.flatMap((parts) => (parts.length > 1 ? [parts[0]] : []))],
    q: values.query,
  });
  const tree = treeOfList(filter, given);
  return withCtx(io, async (ctx) => {
    const { getRunStats } = await import("#lib/stats/queries");
    const { groups, isCut, ...whole } = await getRunStats(ctx, { by: values.by ?? null, tree: tree && resolveMe(tree, ctx.actor.name) });
    const format = outputFormat(values);
    if (!values.by) {
      printOne(io, format, whole, { id: whole.total, table: () => renderFacts(io, facts(whole)) });
      return EXIT.done;
    }
    printRows(io, format, groups, {
      id: ({ key }) => key,
      empty: "No run matches.",
      columns: [
        { header: values.by[0]?.toUpperCase() + values.by.slice(1), print: ({ key }: StatsGroup) => (values.by === "day" ? key.slice(0, 10) : key) },
        { header: "Runs", align: "right", print: ({ total }) => formatCount(total) },
        { header: "Failed", align: "right", print: ({ counts }) => formatCount(counts.failed ?? 0) },
        { header: "Partial", align: "right", print: ({ counts }) => formatCount(counts.partial ?? 0) },
        { header: "Success", align: "right", print: printRate },
        { header: "p50", align: "right", print: ({ durationMs }) => (durationMs ? formatDuration(durationMs.p50) : "–") },
        { header: "p95", align: "right", print: ({ durationMs }) => (durationMs ? formatDuration(durationMs.p95) : "–") },
        { header: "Items", align: "right", print: ({ itemsProcessed }) => formatCount(itemsProcessed) },
        { header: "LLM cost", align: "right", print: printCost },
      ],
    });
    if (isCut) io.err(`There are more than the ${groups.length} groups shown.\n`);
    return EXIT.done;
  });
}

const printRate = ({ successRate }: StatsRow): string => (successRate === null ? "–" : formatPercent(successRate));
const printCost = ({ llmCostUsd }: StatsRow): string => (llmCostUsd === null ? "–" : `$${llmCostUsd.toFixed(4)}`);

function facts(row: StatsRow): [string, string | null][] {
  return [
    ["Runs", formatCount(row.total)],
    ...RUN_STATUSES.map((status): [string, string | null] => [`  ${status}`, row.counts[status] ? formatCount(row.counts[status]) : null]),
    ["Success", printRate(row)],
    ["Duration", row.durationMs && `p50 ${formatDuration(row.durationMs.p50)}, p95 ${formatDuration(row.durationMs.p95)}`],
    ["Items", `${formatCount(row.itemsProcessed)}${row.itemsFailed > 0 ? ` (${formatCount(row.itemsFailed)} failed)` : ""}`],
    ["LLM calls", row.llmCalls > 0 ? `${formatCount(row.llmCalls)}, ${printCost(row)}` : null],
  ];
}
