import { changePerson } from "../change-person.ts";
import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<email>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Their sessions and links end at once. The last admin cannot be disabled.";
export const examples = ["./penstock users disable ann@example.org"];

export const run = (io: Io, { values, positionals: [email = ""] }: Args<typeof options>): Promise<number> =>
  changePerson(io, email, values, async (ctx, id) => {
    const { disablePerson } = await import("#lib/people/mutations");
    await disablePerson(ctx, { id });
  });
