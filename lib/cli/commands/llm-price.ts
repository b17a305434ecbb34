import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<model>";
export const options = {
  input: { type: "string", value: "usd", help: "US dollars per million input tokens" },
  output: { type: "string", value: "usd", help: "US dollars per million output tokens" },
  cached: { type: "string", value: "usd", help: "the same of cached input; what input costs unless said" },
  provider: { type: "string", value: "host", help: "only for this endpoint, as calls name it" },
  from: { type: "string", value: "time", help: "from when on; now unless said" },
  source: { type: "string", value: "text", help: "where the price stands" },
  json: OUTPUT_OPTIONS.json,
} as const satisfies Options;

export const details = "A new price changes nothing that earlier calls cost. 0 is for models that are free.";
export const examples = ["./penstock llm price llama3.2 --input 0 --output 0", "./penstock llm price gpt-5 --input 1.25 --cached 0.125 --output 10 --from 2026-01-01T00:00:00Z"];

export async function run(io: Io, { values, positionals: [model = ""] }: Args<typeof options>): Promise<number> {
  const { addPrice, AddPriceInput } = await import("#lib/llm-prices/mutations");
  const parsed = AddPriceInput.safeParse({ model, provider: values.provider, inputUsd: values.input, cachedUsd: values.cached, outputUsd: values.output, validFrom: values.from, source: values.source });
  if (!parsed.success) {
    const flag = { model: "<model>", inputUsd: "--input", outputUsd: "--output", cachedUsd: "--cached", validFrom: "--from" } as Record<string, string>;
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: flag[String(path[0])] ?? `--${String(path[0])}`, message }));
    throw new AppError("INVALID", faults.map(({ path, message }) => `${path} ${message}`).join("\n"), { faults });
  }
  return withCtx(io, async (ctx) => {
    const { id } = await addPrice(ctx, parsed.data);
    printOne(io, outputFormat({ json: values.json }), { id, ...parsed.data }, { id, table: () => `${parsed.data.model} costs $${parsed.data.inputUsd} in and $${parsed.data.outputUsd} out per million tokens from ${parsed.data.validFrom?.toISOString() ?? "now"} on.\n` });
    return EXIT.done;
  });
}
