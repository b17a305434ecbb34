import type { Args, Io, Options } from "../command.ts";
import { changeGroups } from "../error-group-status.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "An ignored group goes on counting, and stays ignored until somebody reopens it.";
export const examples = ["./penstock errors ignore 12", "./penstock errors ignore 12 13 --json"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  return changeGroups(io, positionals, values, "ignore");
}
