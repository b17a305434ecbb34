/** A process of ours, kept running: started again when it ends by itself, stopped in order when asked. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "#lib/root";

/** Between an end and the next start, in milliseconds, from the second end in a row on; doubles up to the maximum. */
const RESTART_MS = 250;
const MAX_RESTART_MS = 2_000;
/** A child that lived this long, in milliseconds, ends for the first time again. */
const STEADY_MS = 5_000;

export type Child = { /** Resolves with what the child said when it was ready the first time. */ ready: Promise<unknown>; /** Tells it to end; it is started again, in the environment as it is then. */ restart(): void; stop(graceMs: number): Promise<void> };

/**
 * Runs `./penstock <args>` as a child. It leads its own process group, so that Ctrl-C reaches only us and the order of
 * stopping is ours; the channel between us closes when we die, whatever kills us, and the child then ends by itself.
 */
export function keepRunning(name: string, args: string[], env: Record<string, string>, say: (line: string) => void): Child {
  let child: ChildProcess | undefined;
  let isStopping = false;
  let delayMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const { promise: ready, resolve, reject } = Promise.withResolvers<unknown>();
  // Whoever waits for it hears of the failure, be it later.
  ready.catch(() => {});
  let wasReady = false;

  function start(): void {
    const startedAt = performance.now();
    const started = spawn(join(ROOT, "penstock"), args, {
      cwd: process.cwd(),
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child = started;
    let staysStopped = false;
    started.on("message", (message) => {
      if (message === STAYS_STOPPED) staysStopped = true;
      else {
        wasReady = true;
        resolve(message);
      }
    });
    started.once("error", reject);
    started.once("exit", (code, signal) => {
      if (isStopping) return;
      if (staysStopped) return say(`The ${name} was asked to end and is not started again`);
      if (!wasReady) return reject(new Error(`The ${name} ended before it was ready (${signal ?? code})`));
      if (performance.now() - startedAt > STEADY_MS) delayMs = 0;
      say(`The ${name} ended (${signal ?? `exit code ${code}`}); starting it again`);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(Math.max(RESTART_MS, delayMs * 2), MAX_RESTART_MS);
    });
  }
  start();

  async function stop(graceMs: number): Promise<void> {
    isStopping = true;
    clearTimeout(timer);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child?.once("exit", done));
    child.kill("SIGTERM");
    const killer = setTimeout(() => child?.kill("SIGKILL"), graceMs);
    await ended;
    clearTimeout(killer);
  }
  return { ready, stop, restart: () => void child?.kill("SIGTERM") };
}

/** What a child says before it ends because somebody wanted it to. */
const STAYS_STOPPED = "stays stopped";

/** In a child: says that its end is meant, so that it is not started again. */
export function sayStaysStopped(): void {
  process.send?.(STAYS_STOPPED);
}

/** In a child: aborts when the parent that keeps us running is gone. */
export function onParentGone(then: () => void): void {
  if (process.channel) process.once("disconnect", then);
}
