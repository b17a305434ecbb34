import { changePerson } from "../change-person.ts";
import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<email>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "With the password that they had.";
export const examples = ["./penstock users enable ann@example.org"];

export const run = (io: Io, { values, positionals: [email = ""] }: Args<typeof options>): Promise<number> =>
  changePerson(io, email, values, async (ctx, id) => {
    const { enablePerson } = await import("#lib/people/mutations");
    await enablePerson(ctx, { id });
  });
