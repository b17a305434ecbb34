import type { Args, Io, Options } from "../command.ts";
import { changeGroups } from "../error-group-status.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Should the error come back, its group opens again by itself and is marked.";
export const examples = ["./penstock errors resolve 12", "./penstock errors resolve 12 13 --json"];

export async function run(io: Io, { values, positionals }: Args<typeof options>): Promise<number> {
  return changeGroups(io, positionals, values, "resolve");
}
