import { log } from "#lib/log";
import { EXIT, type Args, type Io, type Options } from "../command.ts";

export const options = {
  dev: { type: "boolean", help: "Serve the pages from their sources, for working on Penstock itself" },
} satisfies Options;
export const details = "Starts the embedded PostgreSQL (unless DATABASE_URL is set), migrates it, and runs one worker and the web server. Ctrl-C stops everything in order.";
export const environment = {
  HOST: "Where to listen; 127.0.0.1 unless said otherwise, 0.0.0.0 for all networks",
  PENSTOCK_URL: "The address that people open, when a proxy stands before Penstock; https there makes cookies secure",
  PENSTOCK_ADMIN_EMAIL: "With PENSTOCK_ADMIN_PASSWORD, makes the first admin instead of printing a link",
  PORT: "Which port; the next free one from 3000 unless asked for",
  WORKER_CONCURRENCY: "Units that the worker runs at a time; 4 unless said otherwise",
};
export const examples = ["./penstock start", "PORT=8080 ./penstock start"];

export async function run(io: Io, { values }: Args): Promise<number> {
  const [{ parseEnv }, { runAll }] = await Promise.all([import("#lib/env"), import("#lib/supervisor/main")]);
  const { onLauncherGone } = await import("#lib/supervisor/instance");
  const launcherGone = new AbortController();
  onLauncherGone(io.env, () => launcherGone.abort());
  const say = (line: string) => log.info(line);
  await runAll(parseEnv(io.env), { dev: values.dev === true, say, warn: (line) => log.warn(line), signal: AbortSignal.any([io.signal, launcherGone.signal]) }, (url, first) => io.out(`Penstock is at ${url}\n${first ?? ""}`));
  return EXIT.done;
}
