import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { linkOf } from "../link-text.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "[email]";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Without an address the link makes the first admin, within 15 minutes, while there is nobody yet. With one it lets that person set a new password, within 24 hours (72 if they never had one). Each works once, and ends the ones before.";
export const examples = ["./penstock users setup-link", "./penstock users setup-link ann@example.org"];

export async function run(io: Io, { values, positionals: [email] }: Args<typeof options>): Promise<number> {
  return withCtx(io, async (ctx) => {
    const [{ makeResetLink, makeSetupLink }, { getPerson }] = await Promise.all([import("#lib/people/mutations"), import("#lib/people/queries")]);
    const { token, expiresAt } = email === undefined ? await makeSetupLink(ctx) : await makeResetLink(ctx, { id: (await getPerson(ctx, email)).id });
    const link = linkOf(io, token);
    printOne(io, outputFormat(values), { link, expiresAt }, { id: link, table: () => `${link}\n` });
    return EXIT.done;
  });
}
