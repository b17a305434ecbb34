import { formatCount, formatUsd } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  all: { type: "boolean", help: "versions from before, too" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;

export const details = "What a version said, and what differs between two, stands under AI audit, Prompts, and in --json.";
export const examples = ["./penstock llm prompts", "./penstock llm prompts --all --json"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const { listPrompts } = await import("#lib/llm-usage/queries");
    // A row a version; one that only calls remember is shown by its last.
    const rows = (await listPrompts(ctx)).flatMap(({ versions, ...prompt }) => {
      const current = versions.filter(({ isCurrent }) => isCurrent);
      return (values.all ? versions : current.length > 0 ? current : versions.slice(0, 1)).map((version) => ({ ...prompt, ...version, ...(!version.isCurrent && { system: null, text: null }) }));
    });
    const now = io.now();
    printRows(io, outputFormat(values), rows, {
      id: ({ name, version }) => `${name}@${version}`,
      empty: "There is no prompt: no pipeline declares one, and no model was asked.",
      columns: [
        { header: "Prompt", print: ({ name }) => name },
        { header: "Version", print: ({ version, isCurrent }) => `${version.slice(0, 12)}${isCurrent ? "" : " (before)"}` },
        { header: "Stages", print: ({ stages }) => stages.join(", ") || "–" },
        { header: "Calls", align: "right", print: ({ calls }) => formatCount(calls) },
        { header: "Failed", align: "right", print: ({ failed }) => formatCount(failed) },
        { header: "Cost", align: "right", print: ({ costUsd }) => formatUsd(costUsd) },
        { header: "Last", print: ({ lastAt }) => (lastAt === null ? "–" : formatRelative(lastAt, now)) },
      ],
    });
    return EXIT.done;
  });
}
