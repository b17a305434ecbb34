import { ROLES } from "#lib/access/rules";
import { AppError } from "#lib/errors";
import { changePerson } from "../change-person.ts";
import type { Args, Io, Options } from "../command.ts";
import { OUTPUT_OPTIONS } from "../output.ts";

export const positionals = "<email> <role>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Roles are viewer, operator and admin. Their sessions end, so that they sign in anew. The last admin stays one.";
export const examples = ["./penstock users role ann@example.org operator"];

export async function run(io: Io, { values, positionals: [email = "", given = ""] }: Args<typeof options>): Promise<number> {
  const role = ROLES.find((name) => name === given);
  if (!role) throw new AppError("INVALID", `There is no role ${given}. Roles are ${ROLES.join(", ")}.`);
  return changePerson(io, email, values, async (ctx, id) => {
    const { changeRole } = await import("#lib/people/mutations");
    await changeRole(ctx, { id, role });
  });
}
