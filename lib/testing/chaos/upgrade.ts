/**
 * A rolling upgrade with the code of the version before: its workers are in the middle of its runs when this version migrates
 * the database under them; both take units, one of the old is killed, the others are told to end.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { migrate } from "#lib/db/migrate";
import { askActor } from "./ask.ts";
import type { Act, Fault } from "./check.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { type Arena, type ChaosOptions, openArena, runChaos, type Verdict } from "./run.ts";

/** Runs that the version before has begun, each with more to do than is done when the database changes. */
const EARLIER = { runs: 12, units: 6, items: 20, sleepMs: 50 };
const OLD_WORKERS = 2;
/** How long both versions are at work, in milliseconds, before one of the old is killed, and then until the old end. */
const BESIDE_MS = 4_000;
const WAIT_MS = 60_000;

export type UpgradeOptions = Omit<ChaosOptions, "acts" | "besides" | "fleet"> & { home: string; /** A checkout of the version before, set up by its own `./penstock --help`. */ before: string };

export async function chaosOfUpgrade({ home, before, ...options }: UpgradeOptions): Promise<Verdict> {
  const { say, seed } = options;
  const arena = await openArena(home, { migrate: (url) => migrateBy(before, url) });
  const { server, world } = arena;
  const old = startFleet({ workers: OLD_WORKERS, worldUrl: world.url, urlOf: () => server.url, rootOf: () => before });
  try {
    const acts = await beginEarlier(server.url, before, `upgrade-${seed}`);
    await until("the old workers to have ended some units", async () => (await countEnded(arena)) > 5);
    const from = performance.now();
    const applied = await migrate(server.url);
    say(`${applied.length} migrations in ${Math.round(performance.now() - from)} ms, under ${OLD_WORKERS} workers of ${before}`);
    const oldIds = old.members().flatMap(({ workerId }) => workerId ?? []);
    const endedBefore = await countEnded(arena, oldIds);
    let endedBeside = 0;
    const verdict = await runChaos(arena, { ...options, acts, besides: async () => {
      await sleep(BESIDE_MS);
      endedBeside = (await countEnded(arena, oldIds)) - endedBefore;
      say("one of the old is killed");
      old.members()[0]?.child.kill("SIGKILL");
      await sleep(BESIDE_MS);
      await until("the old workers to be there", async () => old.members().length === OLD_WORKERS && old.members().every(({ workerId }) => workerId !== null));
      say("the old are told to end");
      await old.stop();
    } });
    say(`the old ended ${endedBeside} units in ${BESIDE_MS / 1_000} s beside the new; their processes: ${[...old.ends].map(([how, times]) => `${how} ${times}`).join(", ")}`);
    return { ...verdict, faults: [...verdict.faults, ...judgeOld(old, endedBeside)] };
  } finally {
    await old.stop();
    await arena.close();
  }
}

function migrateBy(root: string, url: string): Promise<void> {
  const { status, stderr } = spawnSync(join(root, "penstock"), ["migrate"], { cwd: root, encoding: "utf8", env: { ...process.env, PENSTOCK_ROOT: root, DATABASE_URL: url } });
  return status === 0 ? Promise.resolve() : Promise.reject(new Error(`The version in ${root} cannot make its tables:\n${stderr}`));
}

async function beginEarlier(url: string, root: string, prefix: string): Promise<Act[]> {
  const acts: Act[] = [];
  const { runs, units, items, sleepMs } = EARLIER;
  for (let n = 1; n <= runs; n += 1) {
    const key = `${prefix}-${n}`;
    const answer = await askActor<{ runId: number }>(url, "trigger", { pipeline: "chaos", stage: "first", params: { units, items, waves: 2, sleepMs }, idempotencyKey: key }, { root });
    if (!answer) throw new Error(`The version in ${root} does not begin a run`);
    acts.push({ act: "trigger", key, runIds: [answer.runId], items: units * items, units });
  }
  return acts;
}

/** Units that have ended, of these workers alone if they are given. */
async function countEnded({ ctx }: Arena, workerIds?: number[]): Promise<number> {
  const [row] = await ctx.db.$queryRaw<{ n: number }[]>`select count(*)::int as n from run_units where completed_at is not null and (${workerIds === undefined} or worker_id = any(${workerIds ?? []}::bigint[]))`;
  return row?.n ?? 0;
}

/** The old go on after the migration, and end only as they are told to. */
function judgeOld({ ends }: Fleet, endedBeside: number): Fault[] {
  const faults: Fault[] = [];
  if (endedBeside === 0) faults.push({ class: "stuck", what: "The old workers ended no unit beside the new" });
  for (const [how, times] of ends) if (how !== "SIGKILL" && how !== "exit 0") faults.push({ class: "stuck", what: `${times} of the old workers ended by themselves: ${how}` });
  return faults;
}

async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(50)) if (await probe()) return;
  throw new Error(`Waited ${WAIT_MS / 1_000} s for ${what}`);
}
