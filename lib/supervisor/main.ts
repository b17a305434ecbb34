/** `./penstock start`: database, worker and web server of one machine, started and stopped in order. */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "#lib/db/connect";
import { prepareHome, startEmbedded } from "#lib/db/embedded";
import { type Env, reachWarning } from "#lib/env";
import { messageOf } from "#lib/errors";
import { addressOf, choosePort } from "#lib/port";
import { isAlive } from "#lib/process-alive";
import { ensureBuild } from "./build.ts";
import { type Child, keepRunning } from "./child.ts";
import { firstStart } from "./first-start.ts";
import { claimHome } from "./instance.ts";

const WEB_GRACE_MS = 12_000;
const WORKER_GRACE_MS = 25_000;
const DATABASE_WATCH_MS = 100;
/** The longest pause between two attempts to start it, in milliseconds. */
const DATABASE_RETRY_MAX_MS = 5_000;

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
  const port = await choosePort(env.HOST, env.PORT || undefined);
  const url = addressOf(env.HOST, port);
  const stops: (() => Promise<void>)[] = [async () => home.release()];
  try {
    home.announce(url);
    if (!env.DATABASE_URL) say("Starting the database ...");
    const database = await connect(env);
    const childEnv = { DATABASE_URL: database.url, HOST: env.HOST, PORT: String(port) };
    const children: Child[] = [];
    const unwatch = database.embeddedPid
      ? watchDatabase(env, database.embeddedPid, say, (databaseUrl) => {
          if (databaseUrl === childEnv.DATABASE_URL) return;
          childEnv.DATABASE_URL = databaseUrl;
          for (const child of children) child.restart();
        })
      : null;
    stops.unshift(async () => {
      await unwatch?.();
      await stopDatabase(env);
    });
    if (database.applied.length > 0) say(`Migrated the database: ${database.applied.join(", ")}`);

    signal.throwIfAborted();
    const worker = keepRunning("worker", ["worker"], childEnv, say);
    stops.unshift(() => worker.stop(WORKER_GRACE_MS));
    children.push(worker);
    // Runs go on meanwhile; nobody but the pages needs them built.
    if (!dev) await ensureBuild(say);
    signal.throwIfAborted();
    const web = keepRunning("web server", dev ? ["web", "--dev"] : ["web"], childEnv, say);
    stops.unshift(() => web.stop(WEB_GRACE_MS));
    children.push(web);

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

/**
 * Starts the embedded server again when it died, at the same address unless another program has that. Returns what ends the
 * watching.
 */
function watchDatabase(env: Env, pid: number, say: (line: string) => void, onBack: (url: string) => void): () => Promise<void> {
  let watched = pid;
  const ended = new AbortController();
  const watching = (async () => {
    let waitMs = DATABASE_WATCH_MS;
    while (await sleep(waitMs, true, { signal: ended.signal }).catch(() => false)) {
      if (isAlive(watched)) continue;
      say("The database ended; starting it again");
      try {
        const server = await startEmbedded(env.PENSTOCK_HOME);
        watched = server.pid;
        waitMs = DATABASE_WATCH_MS;
        onBack(server.url);
      } catch (error) {
        say(messageOf(error));
        // A full disk is not empty again in a tenth of a second.
        waitMs = Math.min(waitMs * 2, DATABASE_RETRY_MAX_MS);
      }
    }
  })();
  return () => {
    ended.abort();
    return watching;
  };
}
