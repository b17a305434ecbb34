import type { CompareRow } from "#lib/compare/rules";
import { formatDuration } from "#lib/format/duration";
import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, printRows } from "../output.ts";

export const positionals = "<id> <id>";
export const options = {
  all: { type: "boolean", help: "also the units and steps that do not differ" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "What differs between two runs: their facts, then their units and steps, aligned by name and order. The first point at which they part is marked with >.";
export const examples = ["./penstock runs diff 1041 1042", "./penstock runs diff 1041 1042 --all -o json"];

export async function run(io: Io, { values, positionals: ids }: Args<typeof options>): Promise<number> {
  const [a = 0, b = 0] = ids.map(runId);
  const format = outputFormat(values);
  return withCtx(io, async (ctx) => {
    const { compareRuns } = await import("#lib/compare/queries");
    const { facts, rows, divergence, isCut } = await compareRuns(ctx, a, b);
    const told = rows.map((row, index) => ({ ...row, isFirst: index === divergence })).filter(({ differs }) => values.all || differs.length > 0);
    if (format !== "table") {
      printOne(io, format, { a, b, facts, rows: told, isCut }, { id: `${a}..${b}`, table: () => "" });
      return EXIT.done;
    }
    const side = (run: number) => `#${run}`;
    printRows(io, format, facts, {
      id: ({ name }) => name,
      empty: "Their facts are the same.",
      columns: [{ header: "Fact", print: ({ name }) => name }, { header: side(a), print: (fact) => fact.a }, { header: side(b), print: (fact) => fact.b }],
    });
    io.out("\n");
    printRows(io, format, told, {
      id: (row) => nameOf(row),
      empty: "Their units and steps are the same.",
      columns: [
        { header: " ", print: ({ isFirst }) => (isFirst ? ">" : "") },
        { header: "Unit or step", print: (row) => `${row.kind === "step" ? "  " : ""}${nameOf(row)}` },
        { header: side(a), print: (row) => printSide(row.a) },
        { header: side(b), print: (row) => printSide(row.b) },
        { header: "Differs in", print: ({ differs }) => differs.join(", ") },
      ],
    });
    if (isCut) io.err("The runs are long: only their beginnings were compared.\n");
    return EXIT.done;
  });
}

const nameOf = ({ a, b }: CompareRow): string => a?.name ?? b?.name ?? "";
const printSide = (side: CompareRow["a"]): string => (side ? `${side.status}${side.durationMs === null ? "" : ` ${formatDuration(side.durationMs)}`}` : "–");
