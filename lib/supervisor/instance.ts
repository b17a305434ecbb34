/** Which `start` runs on a data folder: one at a time. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { tryPort } from "#lib/port";
import { isAlive } from "#lib/process-alive";

const Instance = z.object({ pid: z.number(), parents: z.array(z.number()), url: z.string() });

/** npm and its shell stand between a terminal and us; their end is ours. */
const PARENTS = 2;
const PARENTS_WATCH_MS = 500;

/** How long an instance that was left behind may take to stop, in milliseconds. */
const STOP_MS = 45_000;
/** How long the web server of one that was killed may keep its port, in milliseconds: it ends because its parent is gone. */
const PORT_MS = 5_000;

/**
 * Claims `home` for this process. An instance whose terminal is gone (its npm or shell was killed) is stopped first;
 * one that is in somebody's hands is left alone.
 *
 * @throws AppError CONFLICT with the address of the instance that is running.
 */
export async function claimHome(home: string): Promise<{ announce(url: string): void; release(): void }> {
  const file = join(home, "start.json");
  const running = readInstance(file);
  if (running) {
    if (running.parents.every(isAlive)) throw new AppError("CONFLICT", `Penstock is already running at ${running.url} (process ${running.pid}). Stop that one first, or set PENSTOCK_HOME for a second one.`, { details: { url: running.url } });
    process.kill(running.pid, "SIGTERM");
    for (let waited = 0; isAlive(running.pid) && waited < STOP_MS; waited += 50) await sleep(50);
    if (isAlive(running.pid)) process.kill(running.pid, "SIGKILL");
  }
  await untilPortFree(file);
  const parents = parentsOf(process.pid, PARENTS);
  return {
    announce: (url) => writeFileSync(file, JSON.stringify({ pid: process.pid, parents, url }), { mode: 0o600 }),
    release: () => rmSync(file, { force: true }),
  };
}

/** Whoever comes after one that was killed is to be found where that one was. */
async function untilPortFree(file: string): Promise<void> {
  const url = readFile(file)?.url;
  if (!url) return;
  const { hostname, port } = new URL(url);
  for (const deadline = performance.now() + PORT_MS; performance.now() < deadline; await sleep(50)) {
    if ((await tryPort(hostname, Number(port)))?.code !== "EADDRINUSE") return;
  }
}

/**
 * Calls `then` when npm, or the shell it started us by, is gone: neither passes signals on when it is killed.
 * Without npm nothing is watched: a terminal may be closed on purpose (`nohup`).
 */
export function onLauncherGone(env: Record<string, string | undefined>, then: () => void): void {
  if (!env.npm_lifecycle_event) return;
  const parents = parentsOf(process.pid, PARENTS);
  const timer = setInterval(() => {
    if (parents.every(isAlive)) return;
    clearInterval(timer);
    then();
  }, PARENTS_WATCH_MS);
  timer.unref();
}

/** Where the `start` of a home answers, or null when none runs. */
export const runningUrl = (home: string): string | null => readInstance(join(home, "start.json"))?.url ?? null;

function readInstance(file: string): z.infer<typeof Instance> | null {
  const written = readFile(file);
  // A pid may belong to another program by now: only one that runs our command line is ours.
  return written && isAlive(written.pid) && isOurs(written.pid) ? written : null;
}

function readFile(file: string): z.infer<typeof Instance> | null {
  try {
    return Instance.safeParse(JSON.parse(readFileSync(file, "utf8"))).data ?? null;
  } catch {
    return null;
  }
}

function isOurs(pid: number): boolean {
  if (process.platform !== "linux") return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("lib/cli/main.ts");
  } catch {
    return false;
  }
}

/** The nearest `depth` ancestors that are not the first process of the machine. */
function parentsOf(pid: number, depth: number): number[] {
  if (process.platform !== "linux") return [process.ppid].filter((parent) => parent > 1);
  const parents: number[] = [];
  for (let current = pid; parents.length < depth; ) {
    // The name in brackets may hold anything; the fields are behind its last bracket.
    const stat = readFileSync(`/proc/${current}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (!parent || parent === 1) break;
    parents.push(parent);
    current = parent;
  }
  return parents;
}
