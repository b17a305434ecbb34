import { AppError } from "#lib/errors";
import { EXIT, type Args, type Io, type Options } from "../command.ts";

export const positionals = "[new <name>]";
export const options = {} satisfies Options;
export const details = "Applies what the database lacks; start, web and worker do it by themselves. `migrate new <name>` writes the migration from the committed schema to the one in the work tree.";
export const examples = ["./penstock migrate", "./penstock migrate new add_budgets"];

export async function run(io: Io, { positionals: [verb, name] }: Args): Promise<number> {
  const [{ parseEnv }, { connect }] = await Promise.all([import("#lib/env"), import("#lib/db/connect")]);
  const database = await connect(parseEnv(io.env));
  try {
    if (verb === undefined) {
      io.out(database.applied.length > 0 ? `${database.applied.join("\n")}\n` : "The database is up to date\n");
      return EXIT.done;
    }
    if (verb !== "new" || !/^[a-z0-9_]+$/.test(name ?? "")) throw new AppError("INVALID", "Say ./penstock migrate, or ./penstock migrate new <name> with a name of a-z, 0-9 and _.");
    const { writeMigration } = await import("#lib/db/write-migration");
    io.out(`${await writeMigration(database.url, name ?? "", io.now())}\n`);
    return EXIT.done;
  } finally {
    await database.release();
  }
}
