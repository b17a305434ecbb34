/**
 * What the engine costs beside bare Graphile Worker on the same PostgreSQL, and how it grows.
 *
 *   node --conditions=react-server bench/engine.ts [--only latency,units,planning,scale,memory] [--items 100000] [--units 1000000]
 *
 * The database is its own, in .tmp/bench-engine, made anew each time; workers are processes. Without `--only` everything is
 * measured, scale with 20,000 items and memory over 20,000 units.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { bench } from "./engine-pipeline.ts";

const { values } = parseArgs({ options: { only: { type: "string", default: "latency,units,planning,scale,memory" }, items: { type: "string", default: "20000" }, units: { type: "string", default: "20000" } } });
const home = join(ROOT, ".tmp/bench-engine");
rmSync(home, { recursive: true, force: true });
const server = await startEmbedded(home);
await migrate(server.url);
PIPELINES.push(bench);
const db = openDb(server.url, 6);
const ctx: Ctx = { db, actor: { kind: "cli", name: "bench" } };
await db.$executeRaw`create table bare_units as select id::int, 0 as n from generate_series(1, 10000) id`;
await db.$executeRaw`alter table bare_units add primary key (id)`;

const percentile = (times: number[], p: number) => times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * p)] ?? 0;
const now = () => performance.timeOrigin + performance.now();
const CONCURRENCY = 8;
const SPARKS = 200;

async function start(what: "penstock" | "bare", concurrency = CONCURRENCY): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", "--max-old-space-size=320", "--max-semi-space-size=8", join(ROOT, "bench/engine-worker.ts"), server.url, what, String(concurrency)], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  for (;;) {
    const [message] = await once(child, "message");
    if (message === "ready") return child;
  }
}
async function stop(...children: ChildProcess[]): Promise<void> {
  await Promise.all(children.map(async (child) => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }));
}
async function ended(runId: number): Promise<number> {
  for (;;) {
    const { completedAt, startedAt, status } = await db.run.findUniqueOrThrow({ where: { id: runId }, select: { completedAt: true, startedAt: true, status: true } });
    if (completedAt && startedAt) {
      if (status !== "completed") throw new Error(`Run #${runId} ended ${status}`);
      return (completedAt.getTime() - startedAt.getTime()) / 1_000;
    }
    await sleep(50);
  }
}
const trigger = async (stage: string, params: Record<string, unknown>) => (await triggerRun(ctx, { pipeline: "bench", stage, params })).runId;

/** From the call to the first line of the task, with nothing else to do. */
async function sparks(child: ChildProcess, ask: (key: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < SPARKS + 20; key += 1) {
    const told = new Promise<number>((resolve) => {
      const listen = (message: { key?: number; at?: number }) => {
        if (message.key !== key || message.at === undefined) return;
        child.off("message", listen);
        resolve(message.at);
      };
      child.on("message", listen);
    });
    const startedAt = now();
    await ask(key);
    times.push((await told) - startedAt);
    await sleep(15);
  }
  // The first ones pay for connections and compilation.
  return times.slice(20);
}
const inWords = (times: number[]) => `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`;

async function latency(): Promise<void> {
  const bare = await start("bare");
  const alone = await sparks(bare, (key) => db.$queryRaw`select 1 from graphile_worker.add_job('spark', json_build_object('key', ${key}::int))`);
  await stop(bare);
  const worker = await start("penstock");
  const ours = await sparks(worker, (key) => trigger("spark", { key }));
  await stop(worker);
  console.log(`latency, idle: from trigger to the first line of the unit ${inWords(ours)}; bare Graphile Worker ${inWords(alone)}; of ${SPARKS}`);
}

/** Jobs of Graphile Worker alone, each with as many transactions as a unit has: a begin, an update by key and a commit each for its claim and its end. */
async function bareRate(total: number): Promise<number> {
  const bare = await start("bare");
  const begun = now();
  await db.$executeRaw`select 1 from graphile_worker.add_jobs(array(select row('trivial', '{}'::json, null, null, 25::smallint, null, 0::smallint, null)::graphile_worker.job_spec from generate_series(1, ${total}::int)))`;
  for (;;) {
    const [row] = await db.$queryRaw<{ n: bigint }[]>`select count(*) as n from graphile_worker.jobs where task_identifier = 'trivial'`;
    if (Number(row?.n) === 0) break;
    await sleep(20);
  }
  const rate = total / ((now() - begun) / 1_000);
  await stop(bare);
  return rate;
}
async function ourRate(total: number): Promise<number> {
  const worker = await start("penstock");
  await ended(await trigger("trivial", { units: 500 }));
  const rate = total / (await ended(await trigger("trivial", { units: total })));
  await stop(worker);
  return rate;
}

/** By turns: what else the machine does then falls on both. */
async function units(): Promise<void> {
  const rounds: { ours: number; alone: number }[] = [];
  for (let round = 0; round < 5; round += 1) rounds.push({ alone: await bareRate(3_000), ours: await ourRate(3_000) });
  const median = (of: (round: (typeof rounds)[number]) => number) => percentile(rounds.map(of), 0.5);
  const ratios = rounds.map(({ ours, alone }) => (ours / alone).toFixed(2));
  console.log(`trivial units through one worker, ${CONCURRENCY} at a time: ${median(({ ours }) => ours).toFixed(0)}/s; bare Graphile Worker with as many transactions ${median(({ alone }) => alone).toFixed(0)}/s; ratio ${median(({ ours, alone }) => ours / alone).toFixed(2)}, the median of ${ratios.join(", ")}`);
}

async function planning(): Promise<void> {
  const worker = await start("penstock");
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = now();
    const runId = await trigger("trivial", { units: 10_000 });
    while ((await db.runUnit.count({ where: { runId, kind: "plan", status: "completed" } })) === 0) await sleep(5);
    times.push(now() - startedAt);
    await ended(runId);
  }
  await stop(worker);
  console.log(`10,000 units planned and the first of them enqueued: ${(percentile(times, 0.5) / 1_000).toFixed(2)} s, at most ${(Math.max(...times) / 1_000).toFixed(2)} s, of ${times.length}`);
}

async function scale(items: number): Promise<void> {
  const perUnit = 250;
  const sleepMs = 5;
  const seconds = new Map<number, number>();
  for (const workers of [1, 2, 4]) {
    const children = await Promise.all(Array.from({ length: workers }, () => start("penstock", 10)));
    seconds.set(workers, await ended(await trigger("sleeping", { units: items / perUnit, items: perUnit, sleepMs })));
    await stop(...children);
  }
  const one = seconds.get(1) ?? 0;
  console.log(`${items} items that sleep ${sleepMs} ms, 10 at a time and worker: ${[...seconds].map(([workers, took]) => `${workers} → ${took.toFixed(1)} s (${(one / took / workers).toFixed(2)} of linear)`).join(", ")}`);
}

/** RSS of a worker, and the slope of its second half by least squares. */
async function memory(total: number): Promise<void> {
  const worker = await start("penstock");
  const samples: { s: number; mb: number }[] = [];
  const startedAt = now();
  worker.on("message", (message: { rss?: number }) => { if (message.rss !== undefined) samples.push({ s: (now() - startedAt) / 1_000, mb: message.rss / 2 ** 20 }); });
  const took = await ended(await trigger("trivial", { units: total }));
  await stop(worker);
  const late = samples.slice(Math.floor(samples.length / 2));
  const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [s, mb] = [mean(late.map((sample) => sample.s)), mean(late.map((sample) => sample.mb))];
  const slope = late.reduce((sum, sample) => sum + (sample.s - s) * (sample.mb - mb), 0) / late.reduce((sum, sample) => sum + (sample.s - s) ** 2, 0);
  console.log(`memory over ${total} units in ${took.toFixed(0)} s: RSS ${samples.at(0)?.mb.toFixed(0)} MB at first, ${Math.max(...samples.map((sample) => sample.mb)).toFixed(0)} MB at most, ${samples.at(-1)?.mb.toFixed(0)} MB at last; in its second half ${(slope * (took / total) * 1_000_000).toFixed(1)} MB per million units`);
}

try {
  for (const what of values.only.split(",")) {
    if (what === "latency") await latency();
    else if (what === "units") await units();
    else if (what === "planning") await planning();
    else if (what === "scale") await scale(Number(values.items));
    else if (what === "memory") await memory(Number(values.units));
    else throw new Error(`There is nothing called "${what}" to measure`);
  }
} finally {
  await db.$disconnect();
  await server.stop();
}
