import { ROLES } from "#lib/access/rules";
import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { linkOf } from "../link-text.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne } from "../output.ts";

export const positionals = "<email>";
export const options = {
  role: { type: "string", choices: ROLES, value: "role", help: "what they may do: viewer (unless said), operator or admin" },
  name: { type: "string", value: "name", help: "how they are called; from the address unless said" },
  "password-stdin": { type: "boolean", help: "read their password from standard input instead of printing a link" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "The link lets them set a password, once, within 72 hours. It is printed this once and kept nowhere.";
export const examples = ["./penstock users create ann@example.org --role operator", 'printf %s "$PASSWORD" | ./penstock users create ci@example.org --role viewer --password-stdin'];

/** In bytes: far above the longest password. */
const MAX_INPUT = 4_096;

export async function run(io: Io, { values, positionals: [email = ""] }: Args<typeof options>): Promise<number> {
  const password = values["password-stdin"] ? await readPassword(io) : null;
  return withCtx(io, async (ctx) => {
    const { createPerson, InviteInput, invitePerson } = await import("#lib/people/mutations");
    const input = InviteInput.parse({ email, role: values.role ?? "viewer", ...(values.name !== undefined && { name: values.name }) });
    const format = outputFormat(values);
    if (password !== null) {
      const made = await createPerson(ctx, { ...input, password });
      printOne(io, format, { ...made, email: input.email, role: input.role }, { id: input.email, table: () => `Added ${input.email} as ${input.role}.\n` });
      return EXIT.done;
    }
    const { id, token, expiresAt } = await invitePerson(ctx, input);
    const link = linkOf(io, token);
    printOne(io, format, { id, email: input.email, role: input.role, link, expiresAt }, { id: input.email, table: () => `Added ${input.email} as ${input.role}. This link lets them set a password, once, within 72 hours:\n  ${link}\n` });
    return EXIT.done;
  });
}

/** Without the line end that a shell puts behind it. */
async function readPassword(io: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of io.stdin) {
    length += chunk.length;
    if (length > MAX_INPUT) throw new AppError("INVALID", "What came on standard input is too long for a password.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8").replace(/\r?\n$/, "");
}
