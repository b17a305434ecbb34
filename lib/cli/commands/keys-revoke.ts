import { AppError } from "#lib/errors";
import { KeyId } from "#lib/keys/mutations";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withDoor } from "../door.ts";

export const positionals = "<id>…";
export const options = {} as const satisfies Options;
export const details = "Ends keys at once, and those that were made with them. Ids are those of ./penstock keys ls. Exit code 4 when there is none of that id.";
export const examples = ["./penstock keys revoke k3v9xqma7pzt"];

export async function run(io: Io, { positionals }: Args<typeof options>): Promise<number> {
  for (const id of positionals) {
    // Not said again: whoever pastes a whole key must not find it in a log.
    if (!KeyId.safeParse(id).success) throw new AppError("INVALID", "That is no id of a key: it has twelve letters and digits, the part between pk_ and the next _. ./penstock keys ls shows them.");
  }
  return withDoor(io, async (door) => {
    for (const id of positionals) {
      const { ok } = await door.revokeKey(id);
      io.err(ok ? `Key ${id} is revoked.\n` : `Key ${id} was revoked before.\n`);
    }
    return EXIT.done;
  });
}
