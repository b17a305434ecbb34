import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";
import { setPins } from "../run-pins.ts";

export const positionals = "<id>…";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = `
The run is removed by retention when its time has come.
Exit code 4 when there is none of that id; the others are unpinned all the same. "-" reads ids from standard input.`;
export const examples = ["./penstock runs unpin 1042", "./penstock runs ls --status failed -o ids | ./penstock runs unpin -"];

export const run = (io: Io, { values, positionals }: Args<typeof options>): Promise<number> => setPins(io, positionals, values, false);
