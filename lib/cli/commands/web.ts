import { adoptConsole, log } from "#lib/log";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { untilStopped } from "../until-stopped.ts";

export const options = {
  dev: { type: "boolean", help: "Serve the pages from their sources, for working on Penstock itself" },
} satisfies Options;
export const environment = { HOST: "Where to listen; 127.0.0.1 unless said otherwise", PORT: "Which port; the next free one from 3000 unless asked for" };
export const examples = ["./penstock web", "DATABASE_URL=postgres://… PORT=8080 ./penstock web"];

export async function run(io: Io, { values }: Args): Promise<number> {
  const [{ parseEnv, reachWarning }, { ensureBuild }, { serveWeb }] = await Promise.all([import("#lib/env"), import("#lib/supervisor/build"), import("#lib/web/server")]);
  const env = parseEnv(io.env);
  const warning = reachWarning(env);
  // Started by ./penstock start, which has said so and prints the link.
  const isChild = process.channel !== undefined;
  if (warning && !isChild) log.warn(warning);
  const dev = values.dev === true;
  // The parent has migrated the database, looked at the build, and starts the database again when it dies; until then the pages say that it is away.
  const database = isChild && env.DATABASE_URL ? null : await (await import("#lib/db/connect")).connect(env);
  if (!dev && !isChild) await ensureBuild((line) => log.info(line));
  if (!io.errIsTty) adoptConsole();
  // Pages and routes read the address from the environment, as they would under DATABASE_URL.
  if (database) process.env.DATABASE_URL = database.url;
  const server = await serveWeb({ host: env.HOST, port: env.PORT, dev });
  const first = database && (await (await import("#lib/supervisor/first-start")).firstStart(database.url, env, server.url));
  await untilStopped(io, `Penstock is at ${server.url}${first ? `\n${first.trimEnd()}` : ""}`);
  await server.close();
  await database?.release();
  return EXIT.done;
}
