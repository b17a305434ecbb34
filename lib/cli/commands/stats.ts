import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent } from "#lib/format/number";
import { RUN_STATUSES } from "#lib/runs/rules";
import { STATS_BY } from "#lib/stats/fields";
import type { StatsGroup, StatsRow } from "#lib/stats/queries";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";
import { FILTER_OPTIONS, filterParams, parseFlags } from "../filter-flags.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, printRows, renderFacts } from "../output.ts";

export const options = {
  by: { type: "string", choices: STATS_BY, value: "field", help: "one line each status, stage, pipeline, trigger, day or hour (UTC)" },
  ...FILTER_OPTIONS,
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = `
How many runs there are, how they went, how long they took and what they cost. Success is the share of completed and hold
among those that were carried out; durations are of runs that have ended. "me" in a filter is your user name, or over PENSTOCK_URL that of the key.`;
export const examples = [
  "./penstock stats",
  "./penstock stats --by stage --status failed --status partial",
  "./penstock stats --by day --started 30d --annotation 'team=*' --json",
];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const { parseRunsRequest } = await import("#lib/runs/filter");
  const { tree } = parseFlags(() => parseRunsRequest(filterParams(values)));
  return withDoor(io, async (door) => {
    const { groups, isCut, ...whole } = await door.getRunStats(values.by ?? null, tree);
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
