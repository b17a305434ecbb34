import { AppError } from "#lib/errors";
import { formatCount, formatUsd } from "#lib/format/number";
import { USAGE_BY } from "#lib/llm-calls/fields";
import type { UsageSums } from "#lib/llm-calls/sql/usage";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  by: { type: "string", choices: [...USAGE_BY, "day", "hour"] as const, value: "side", help: "one line each model, stage, role, provider, template, day or hour (UTC); model unless said" },
  days: { type: "string", value: "n", help: "so many days back, today among them; 30 unless said" },
  stage: { type: "string", value: "stage", help: "only calls of this stage" },
  pipeline: { type: "string", value: "pipeline", help: "only calls of this pipeline" },
  model: { type: "string", value: "model", help: "only calls of this model" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "Cost is that of the calls whose price is known; the others are counted beside it.";
export const examples = ["./penstock llm usage", "./penstock llm usage --by day --days 7", "./penstock llm usage --by stage --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const { getUsage, UsageRequest } = await import("#lib/llm-usage/queries");
  const by = values.by ?? "model";
  const isTime = by === "day" || by === "hour";
  const { days, stage, pipeline, model } = values;
  const parsed = UsageRequest.safeParse({ days, stage, pipeline, model, ...(isTime ? { granularity: by === "hour" ? "hourly" : "daily" } : { by }) });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: `--${String(path[0])}`, message }));
    throw new AppError("INVALID", faults.map(({ path, message }) => `${path} ${message}`).join("\n"), { faults });
  }
  return withCtx(io, async (ctx) => {
    const usage = await getUsage(ctx, parsed.data);
    const rows: (UsageSums & { key: string })[] = isTime
      ? usage.series.filter(({ total }) => total.calls > 0).map(({ at, total }) => ({ key: at.toISOString().slice(0, by === "hour" ? 16 : 10).replace("T", " "), ...total }))
      : usage.groups;
    printRows(io, outputFormat(values), rows, {
      id: ({ key }) => key,
      empty: "No model call in this time.",
      columns: [
        { header: by.charAt(0).toUpperCase() + by.slice(1), print: ({ key }) => key || "none" },
        { header: "Calls", align: "right", print: ({ calls }) => formatCount(calls) },
        { header: "Failed", align: "right", print: ({ failed }) => formatCount(failed) },
        { header: "Input", align: "right", print: ({ inputTokens }) => formatCount(inputTokens) },
        { header: "Cached", align: "right", print: ({ cachedTokens }) => formatCount(cachedTokens) },
        { header: "Output", align: "right", print: ({ outputTokens }) => formatCount(outputTokens) },
        { header: "Priced", align: "right", print: ({ priced }) => formatCount(priced) },
        { header: "Cost", align: "right", print: ({ priced, costUsd }) => (priced === 0 ? "–" : formatUsd(costUsd)) },
      ],
    });
    if (outputFormat(values) === "table" && rows.length > 0) io.out(`\n${formatCount(usage.total.calls)} calls, ${formatUsd(usage.total.costUsd)} for the ${formatCount(usage.total.priced)} with a known price\n`);
    return EXIT.done;
  });
}
