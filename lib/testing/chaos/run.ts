/** One chaos run from beginning to verdict: a database of its own, real worker processes, a client, a world, and who spoils it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { type Embedded, startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { type Act, checkHistory, type Fault, type History } from "./check.ts";
import { type Client, openClient } from "./client.ts";
import { type Fleet, type FleetOptions, startFleet } from "./fleet.ts";
import { type Deeds, pullPlugs } from "./nemesis.ts";
import { chaos, createWrites } from "./pipeline.ts";
import { type Random, seeded } from "./random.ts";
import { watchRecovery } from "./recovery.ts";
import { countOpen, readState } from "./state.ts";
import { openWorld, type World } from "./world.ts";

export type Say = (line: string) => void;
export type Verdict = {
  seed: number;
  faults: Fault[];
  acknowledged: number;
  effects: number;
  /** Units that needed more than one attempt, and the most that one needed. */
  retried: number;
  mostAttempts: number;
  /** How worker processes ended. */
  ends: Record<string, number>;
  /** From a worker's death to the next attempt of what it held, in milliseconds. */
  recovery: number[];
  /** From the last deed to the end of the last run, in milliseconds. */
  settledMs: number;
};

/** How long everything may take to end once nothing is spoiled any more, in milliseconds. */
const SETTLE_MS = 60_000;

export type Arena = { home: string; server: Embedded; ctx: Ctx; world: World; close(): Promise<void> };

export type ArenaOptions = { worldHost?: string; /** Where the world's own notes lie, which may be another disk. */ worldHome?: string; settings?: Record<string, string>; /** Makes the tables; those of this version unless said. */ migrate?(url: string): Promise<unknown> };

/** A database of its own in `home` with the table that units write to, and a world beside it. */
export async function openArena(home: string, { worldHost = "127.0.0.1", worldHome = home, settings = {}, migrate: makeTables = migrate }: ArenaOptions = {}): Promise<Arena> {
  // One that was left running by a run that was killed would go on without its files.
  if (existsSync(home)) await startEmbedded(home).then((left) => left.stop(), () => {});
  rmSync(home, { recursive: true, force: true });
  const server = await startEmbedded(home, settings);
  await makeTables(server.url);
  if (!PIPELINES.includes(chaos)) PIPELINES.push(chaos);
  const db = openDb(server.url, 12);
  const ctx: Ctx = { db, actor: { kind: "cli", name: "chaos" } };
  await createWrites(db);
  const world = await openWorld(join(worldHome, "effects.jsonl"), worldHost);
  return {
    home, server, ctx, world,
    close: async () => {
      await world.close();
      await db.$disconnect().catch(() => {});
      await (await startEmbedded(home)).stop();
    },
  };
}

export type ChaosOptions = { seed: number; runs: number; workers: number; deeds: Deeds; gapMs: { least: number; most: number }; sleepMs: number; say: Say; fleet?: Partial<FleetOptions>; /** What was acknowledged before. */ acts?: Act[]; /** What else is done to it meanwhile. */ besides?(arena: Arena, fleet: Fleet, random: Random, client: Client): Promise<void> };

/** Spoils, waits until all has ended, and judges. The history of a run with faults is left in its folder. */
export async function runChaos(arena: Arena, options: ChaosOptions): Promise<Verdict> {
  const { seed, runs, say, deeds } = options;
  const { ctx, world, home, server } = arena;
  say(`seed ${seed}: ${runs} runs, ${options.workers} workers, ${JSON.stringify(deeds)}`);
  const random = seeded(seed);
  // Each has a stream of choices of its own, so that the pace of one does not change those of another.
  const client = openClient(ctx, seeded(random.int(0, 2 ** 31)), { prefix: `chaos-${seed}`, sleepMs: options.sleepMs });
  const fleet = startFleet({ workers: options.workers, worldUrl: world.url, urlOf: () => server.url, ...options.fleet });
  const recovery = watchRecovery(ctx);
  const endSession = async () => {
    await ctx.db.$queryRaw`select pg_terminate_backend(pid)::text from pg_stat_activity where application_name like 'penstock worker %' order by md5(pid::text) limit 1`;
  };
  try {
    let isOver = false;
    const spoiling = Promise.all([pullPlugs({ fleet, recovery, home, random: seeded(random.int(0, 2 ** 31)), say, endSession }, deeds, options.gapMs), options.besides?.(arena, fleet, seeded(random.int(0, 2 ** 31)), client)]).finally(() => { isOver = true; });
    await Promise.all([client.ask(runs, () => isOver), spoiling]);
    const startedAt = performance.now();
    await untilSettled(ctx);
    const settledMs = performance.now() - startedAt;
    await sleep(500);
    await Promise.all([client.stop(), recovery.stop()]);
    const history: History = { acts: [...(options.acts ?? []), ...client.acts], effects: world.effects(), state: await readState(ctx) };
    const faults = checkHistory(history);
    if (faults.length > 0) {
      const file = join(ROOT, ".tmp", `chaos-history-${seed}.json`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(history, null, 1));
      say(`seed ${seed}: ${faults.length} faults; its history is in ${file}`);
    }
    const attempts = history.state.units.map(({ attempt }) => attempt);
    return {
      seed, faults, settledMs, acknowledged: client.acknowledged(), effects: history.effects.length, recovery: recovery.times(), ends: Object.fromEntries(fleet.ends),
      retried: attempts.filter((attempt) => attempt > 1).length, mostAttempts: Math.max(0, ...attempts),
    };
  } finally {
    await Promise.allSettled([client.stop(), recovery.stop(), fleet.stop()]);
  }
}

/** Waits until nothing is open any more, or for as long as everything should have needed. */
async function untilSettled(ctx: Ctx): Promise<void> {
  for (const deadline = performance.now() + SETTLE_MS; performance.now() < deadline; await sleep(100)) {
    if ((await countOpen(ctx).catch(() => 1)) === 0) return;
  }
}

const percentile = (sorted: number[], p: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)] ?? 0;

/** What a verdict says, for a person. */
export function describeVerdict({ seed, faults, acknowledged, effects, retried, mostAttempts, ends, recovery, settledMs }: Verdict): string {
  const sorted = recovery.toSorted((a, b) => a - b);
  const ms = (p: number) => `${Math.round(percentile(sorted, p))} ms`;
  return [
    `seed ${seed}: ${faults.length === 0 ? "no fault" : `${faults.length} FAULTS`}`,
    `  ${acknowledged} runs acknowledged, ${effects} effects, ${retried} units tried again (${mostAttempts} attempts at most), settled ${(settledMs / 1_000).toFixed(1)} s after the last deed`,
    `  worker processes ended: ${Object.entries(ends).map(([how, times]) => `${how} ${times}`).join(", ") || "none"}`,
    `  taken up again after a kill: ${sorted.length === 0 ? "nothing was held" : `p50 ${ms(0.5)}, p90 ${ms(0.9)}, p99 ${ms(0.99)}, max ${ms(1)} of ${sorted.length}`}`,
    ...faults.slice(0, 50).map((fault) => `  ${fault.class}: ${fault.what}`),
  ].join("\n");
}
