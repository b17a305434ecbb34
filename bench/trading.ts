/**
 * How fast one worker makes signals over 20 symbols by the local analyser, where its processor time goes, and what a run
 * takes of the database. Bars are made up; everything else is as in production.
 *
 *   node --conditions=react-server bench/trading.ts [runs = 1000]
 */
import { rmSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDb } from "#lib/db/client";
import { connect } from "#lib/db/connect";
import { triggerRun } from "#lib/engine/trigger";
import { parseEnv } from "#lib/env";
import { storeBars } from "#lib/pipelines/trading/import-prices";
import { sampleBars } from "#lib/pipelines/trading/sample-prices";
import { ROOT } from "#lib/root";
import { startWorker } from "#lib/worker/main";

const wanted = Number(process.argv[2] ?? 1_000);
const SYMBOLS = 20;
/** Below the ten analyses a minute that an account may have. */
const RUNS_PER_ACCOUNT = 10;
const home = join(ROOT, ".tmp/bench-trading");

rmSync(home, { recursive: true, force: true });
const { url, release } = await connect(parseEnv({ PENSTOCK_HOME: home }));
const db = openDb(url);
const ctx = { db, actor: { kind: "cli" as const, name: "bench" } };
const worker = await startWorker({ url, concurrency: 4, onFatal: (error) => { throw error; } });
try {
  const importing = performance.now();
  for (let index = 0; index < SYMBOLS; index += 1) {
    const series = { symbol: `MADE-${index}`, timeframe: "D1" as const, seed: 100 + index, start: 60 + 5 * index, drift: (index - 10) / 20, unrest: 0.012, bars: 500 };
    await storeBars(ctx, sampleBars(series, new Date()).map((bar) => ({ ...bar, symbol: series.symbol, timeframe: series.timeframe })));
  }
  const importMs = performance.now() - importing;
  const accounts = Math.ceil(wanted / RUNS_PER_ACCOUNT);
  const made = await db.account.createManyAndReturn({ data: Array.from({ length: accounts }, (_, index) => ({ name: `Paper ${index}`, broker: "Paper", login: `paper-${index}`, paperTradeEnabled: true })), select: { id: true } });
  const before = await sizeBytes();

  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 500 });
  await session.post("Profiler.start");
  const cpu = process.cpuUsage();
  const begun = performance.now();
  for (let index = 0; index < wanted; index += 1) {
    await triggerRun(ctx, { pipeline: "trading", stage: "signal", params: { account: made[index % accounts]?.id, symbol: `MADE-${Math.floor(index / accounts + index) % SYMBOLS}` } });
  }
  const triggerMs = performance.now() - begun;
  while ((await db.run.count({ where: { status: { in: ["pending", "running"] } } })) > 0) await sleep(50);
  const totalMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const { profile } = await session.post("Profiler.stop");

  const ends = await db.run.groupBy({ by: ["status", "outcome"], _count: true, orderBy: { _count: { id: "desc" } } });
  if (ends.some(({ status }) => status === "failed" || status === "partial")) throw new Error(`Runs failed: ${JSON.stringify(ends)}`);
  const [{ steps } = { steps: 0 }] = await db.$queryRaw<{ steps: number }[]>`select count(*)::int as steps from run_steps`;
  const rows: [string, string][] = [
    ["bars", `${SYMBOLS * 500} stored at ${rate(SYMBOLS * 500, importMs)}/s`],
    ["runs", `${wanted} over ${SYMBOLS} symbols and ${accounts} accounts: ${ends.map(({ status, outcome, _count }) => `${_count} ${status} ${outcome}`).join(", ")}`],
    ["signals", `${(wanted / (totalMs / 1_000)).toFixed(1)} runs/s, triggering included (${rate(wanted, triggerMs)}/s while triggered)`],
    ["steps", `${steps}, ${(steps / wanted).toFixed(1)} a run`],
    ["processor", `${Math.round((user + system) / 10 / totalMs)} % of one core for triggering and working; the database has its own`],
    ...shares(profile as Profile).map(([name, percent]): [string, string] => [`  ${name}`, `${percent.toFixed(1)} %`]),
    ["database", `${Math.round(((await sizeBytes()) - before) / wanted / 102.4) / 10} KB a run, indexes included`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
} finally {
  await worker.stop();
  await db.$disconnect();
  await release();
  rmSync(home, { recursive: true, force: true });
}

type Profile = { nodes: { id: number; callFrame: { url: string; functionName: string } }[]; samples: number[]; timeDeltas: number[] };

/** Whose code was on top when the processor was looked at, as shares of the time in which it worked. */
function shares({ nodes, samples, timeDeltas }: Profile): [string, number][] {
  const owner = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const sums = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = owner.get(id) ?? "Node";
    if (name !== "idle") sums.set(name, (sums.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const all = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return [...sums].map(([name, value]): [string, number] => [name, (100 * value) / all]).toSorted((a, b) => b[1] - a[1]);
}

function ownerOf({ url, functionName }: { url: string; functionName: string }): string {
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "collecting garbage";
  if (url.includes("/lib/pipelines/trading/")) return "our pipeline (lib/pipelines/trading)";
  if (url.includes("/trading-signals/")) return "trading-signals (indicators)";
  if (url.includes("/prisma/") || url.includes("/@prisma/") || url.includes("/pg") || url.includes("/lib/db/generated/")) return "Prisma and pg";
  if (url.includes("/node_modules/")) return "other libraries";
  if (url.includes("/lib/")) return "our engine (lib)";
  return "Node";
}

async function sizeBytes(): Promise<number> {
  const [row] = await db.$queryRaw<{ size: number }[]>`select pg_database_size(current_database())::float8 as size`;
  return row?.size ?? 0;
}

function rate(count: number, ms: number): number {
  return Math.round((1_000 * count) / ms);
}
