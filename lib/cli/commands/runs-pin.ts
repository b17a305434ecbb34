import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";
import { setPins } from "../run-pins.ts";

export const positionals = "<id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
Retention leaves a pinned run alone, with its payloads, however old it gets.
Exit code 4 when there is none of that id; the others are pinned all the same. "-" reads ids from standard input.`;
export const examples = ["./penstock runs pin 1042", "./penstock runs ls --status failed -o ids | ./penstock runs pin -"];

export const run = (io: Io, { values, positionals }: Args<typeof options>): Promise<number> => setPins(io, positionals, values, true);
