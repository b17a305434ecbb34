import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  all: { type: "boolean", help: "earlier prices, and those to come, too" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "US dollars per million tokens. A call costs what held when it was made.";
export const examples = ["./penstock llm prices", "./penstock llm prices --all --json"];

const usd = (price: number): string => `$${Number(price.toFixed(6))}`;

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { listPrices } = await import("#lib/llm-prices/queries");
    const prices = (await listPrices(ctx)).filter(({ isCurrent }) => values.all || isCurrent);
    printRows(io, outputFormat(values), prices, {
      id: ({ id }) => id,
      empty: "There is no price.",
      columns: [
        { header: "Model", print: ({ model, provider }) => (provider ? `${model} at ${provider}` : model) },
        { header: "From", print: ({ validFrom }) => validFrom.toISOString().slice(0, 10) },
        { header: "Input", align: "right", print: ({ inputUsd }) => usd(inputUsd) },
        { header: "Cached", align: "right", print: ({ cachedUsd }) => (cachedUsd === null ? "–" : usd(cachedUsd)) },
        { header: "Output", align: "right", print: ({ outputUsd }) => usd(outputUsd) },
        { header: "Source", print: ({ source, sourceKind }) => `${source} (${sourceKind})` },
      ],
    });
    return EXIT.done;
  });
}
