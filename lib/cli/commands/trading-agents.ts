import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent, formatUsd } from "#lib/format/number";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Figures are of the last 24 hours. Agents are switched on the page Agent workflow, or by PUT /api/v1/trading/agents.";
export const examples = ["./penstock trading agents", "./penstock trading agents --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const [{ readAgentHealth }, { getAgentSwitches }, { WORKFLOW }] = await Promise.all([import("#lib/pipelines/trading/agent-health"), import("#lib/pipelines/trading/desk"), import("#lib/pipelines/trading/workflow")]);
    const [health, switches] = await Promise.all([readAgentHealth(ctx), getAgentSwitches(ctx)]);
    const agents = Object.entries(WORKFLOW).flatMap(([task, rows]) => rows.flat().map((card) => ({ task, ...card, isEnabled: card.switch === null || switches[card.switch], health: health.get(card.role) ?? null })));
    printRows(io, outputFormat(values), agents, {
      id: ({ role }) => role,
      empty: "No agents.",
      columns: [
        { header: "Task", print: ({ task }) => task },
        { header: "Agent", print: ({ role }) => role },
        { header: "Weight", align: "right", print: ({ weight }) => (weight === null ? "–" : formatPercent(weight)) },
        { header: "Switch", print: ({ isEnabled }) => (isEnabled ? "on" : "off") },
        { header: "Calls", align: "right", print: ({ health }) => formatCount(health?.calls ?? 0) },
        { header: "Failed", align: "right", print: ({ health }) => formatCount(health?.failed ?? 0) },
        { header: "Mean", align: "right", print: ({ health }) => (health?.meanMs == null ? "–" : formatDuration(health.meanMs)) },
        { header: "Cost", align: "right", print: ({ health }) => (health?.costUsd == null ? "–" : formatUsd(health.costUsd)) },
      ],
    });
    return EXIT.done;
  });
}
