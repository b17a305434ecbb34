/** `./penstock start`: database, worker and web server of one machine, started and stopped in order. */
import { createServer } from "node:net";
import { connect } from "#lib/db/connect";
import { prepareHome, startEmbedded } from "#lib/db/embedded";
import { type Env, reachWarning } from "#lib/env";
import { AppError, messageOf } from "#lib/errors";
import { isAlive } from "#lib/process-alive";
import { ensureBuild } from "./build.ts";
import { keepRunning } from "./child.ts";
import { firstStart } from "./first-start.ts";
import { claimHome } from "./instance.ts";

const FIRST_PORT = 3000;
const WEB_GRACE_MS = 12_000;
const WORKER_GRACE_MS = 25_000;
const DATABASE_WATCH_MS = 300;

export type StartOptions = { dev: boolean; say(line: string): void; warn(line: string): void; signal: AbortSignal };

/**
 * Runs until `signal` aborts, then stops web server, worker and database, in that order.
 * `onReady` gets the address when the pages answer, and what to tell whoever starts Penstock for the first time.
 */
export async function runAll(env: Env, options: StartOptions, onReady: (url: string, first: string | null) => void): Promise<void> {
  const { say, warn, signal, dev } = options;
  const warning = reachWarning(env);
  if (warning) warn(warning);
  prepareHome(env.PENSTOCK_HOME);
  const home = await claimHome(env.PENSTOCK_HOME);
  const port = await choosePort(env);
  const url = addressOf(env.HOST, port);
  const stops: (() => Promise<void>)[] = [async () => home.release()];
  try {
    home.announce(url);
    if (!env.DATABASE_URL) say("Starting the database ...");
    const [database] = await Promise.all([connect(env), dev ? undefined : ensureBuild(say)]);
    const unwatch = database.embeddedPid ? watchDatabase(env, database.embeddedPid, say) : null;
    stops.unshift(async () => {
      await unwatch?.();
      await stopDatabase(env);
    });
    if (database.applied.length > 0) say(`Migrated the database: ${database.applied.join(", ")}`);

    signal.throwIfAborted();
    const childEnv = { DATABASE_URL: database.url, HOST: env.HOST, PORT: String(port) };
    const worker = keepRunning("worker", ["worker"], childEnv, say);
    stops.unshift(() => worker.stop(WORKER_GRACE_MS));
    const web = keepRunning("web server", dev ? ["web", "--dev"] : ["web"], childEnv, say);
    stops.unshift(() => web.stop(WEB_GRACE_MS));

    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([Promise.all([web.ready, worker.ready]).then(async () => onReady(url, await firstStart(database.url, env, url))), stopped]);
    await stopped;
    say("Stopping ...");
  } finally {
    // Each in turn, and the next even when one fails: what was started is stopped.
    for (const stop of stops) await stop().catch((error) => say(messageOf(error)));
  }

  async function stopDatabase({ DATABASE_URL, PENSTOCK_HOME }: Env): Promise<void> {
    if (DATABASE_URL) return;
    const server = await startEmbedded(PENSTOCK_HOME);
    await server.stop();
  }
}

/** What a browser on this machine opens. */
const addressOf = (host: string, port: number): string => `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;

/** Starts the embedded server again, at the same address, when it died. Returns what ends the watching. */
function watchDatabase(env: Env, pid: number, say: (line: string) => void): () => Promise<void> {
  let watched = pid;
  let checking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    checking = checking.then(async () => {
      if (isAlive(watched)) return;
      say("The database ended; starting it again");
      await startEmbedded(env.PENSTOCK_HOME).then((server) => { watched = server.pid; }, (error) => say(messageOf(error)));
    });
  }, DATABASE_WATCH_MS);
  return () => {
    clearInterval(timer);
    return checking;
  };
}

/** @throws AppError CONFLICT when the port that was asked for is taken. */
async function choosePort({ HOST, PORT }: Env): Promise<number> {
  if (PORT !== undefined && PORT !== 0) {
    const fault = await tryPort(HOST, PORT);
    if (!fault) return PORT;
    throw fault;
  }
  for (let port = FIRST_PORT; port < FIRST_PORT + 100; port += 1) if (!(await tryPort(HOST, port))) return port;
  throw new AppError("CONFLICT", `No port from ${FIRST_PORT} to ${FIRST_PORT + 99} is free. Set PORT.`);
}

function tryPort(host: string, port: number): Promise<AppError | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const because = error.code === "EADDRINUSE" ? "is taken by another program" : error.code === "EACCES" ? "may not be used by this user" : `cannot be used (${error.code})`;
      resolve(new AppError("CONFLICT", `Port ${port} on ${host} ${because}. Set PORT to another one.`));
    });
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
