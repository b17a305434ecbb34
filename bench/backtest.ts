/**
 * A year of ten models, with its workers killed in the middle and without; how fast it goes with one worker and with two.
 *
 *   node --conditions=react-server bench/backtest.ts [trading days, 250] [kills, 12]
 *
 * The results of the killed job are compared with those of the undisturbed ones to the cent and the share, and every
 * model-day is counted; processor time is read from /proc. The database is its own, in .tmp/bench-backtest, made anew each time.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "#lib/ctx";
import { LOCAL_MODELS } from "#lib/backtests/fields";
import { startJob } from "#lib/backtests/mutations";
import { getJob, listSimulatedDays } from "#lib/backtests/queries";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { makePrices, storePrices } from "#lib/testing/candles";

const DAYS = Number(process.argv[2] ?? 250);
const KILLS = Number(process.argv[3] ?? 12);
const MODELS = Object.keys(LOCAL_MODELS);
const SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"];
const FROM = "2024-01-01";
/** Of a processor second in /proc. */
const TICKS = 100;

const home = join(ROOT, ".tmp/bench-backtest");
rmSync(home, { recursive: true, force: true });
const server = await startEmbedded(home);
const db = openDb(server.url, 6);
const ctx: Ctx = { db, actor: { kind: "cli", name: "bench" } };
const children = new Set<ChildProcess>();

async function startWorker(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/lab-worker.ts"), server.url], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT });
  children.add(child);
  child.once("exit", () => children.delete(child));
  await once(child.stdout ?? child, "data");
  return child;
}

async function stopWorkers(): Promise<void> {
  await Promise.all([...children].map((child) => {
    child.kill("SIGTERM");
    return once(child, "exit");
  }));
}

/** What every model made of every day, without times and ids. */
async function digest(): Promise<{ modelDays: number; distinct: number; hash: string }> {
  const days = await listSimulatedDays(ctx, {});
  const plain = days.map(({ model, date, startingCash, endingCash, endingValue, dailyProfit, positions, holdings, summary, steps }) => ({ model, date, startingCash, endingCash, endingValue, dailyProfit, positions, holdings, summary, steps }));
  return { modelDays: days.length, distinct: new Set(days.map(({ model, date }) => `${model} ${date}`)).size, hash: createHash("sha256").update(JSON.stringify(plain)).digest("hex").slice(0, 16) };
}

async function simulate(what: string, workers: number, kills: number): Promise<{ hash: string; perSecond: number }> {
  await db.$executeRaw`truncate backtest_jobs, runs restart identity cascade`;
  for (let n = 0; n < workers; n += 1) await startWorker();
  const before = await spent();
  const startedAt = performance.now();
  const { job } = await startJob(ctx, { params: { from: FROM, to: lastDate } });
  const expected = MODELS.length * job.dates.length;
  let killed = 0;
  for (;;) {
    // Of the run, by its key: whoever looks shall take nothing from those who work.
    const { status, itemsProcessed } = await db.run.findUniqueOrThrow({ where: { id: job.runId ?? 0 }, select: { status: true, itemsProcessed: true } });
    if (status !== "pending" && status !== "running") break;
    // Spread over the job by how far it is, so that every kill falls into the middle of it.
    if (killed < kills && itemsProcessed >= ((killed + 1) * expected) / (kills + 1)) {
      const victim = [...children][killed % children.size];
      victim?.kill("SIGKILL");
      killed += 1;
      await startWorker();
    }
    await sleep(50);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await spent();
  const ended = await getJob(ctx, job.jobId);
  const { modelDays, distinct, hash } = await digest();
  const [attempts] = await db.$queryRaw<{ again: bigint; run: string }[]>`
    select count(*) filter (where attempt > 1) as again, (select status::text || ' ' || items_processed from runs) as run from run_units where kind = 'work'`;
  const perSecond = modelDays / seconds;
  console.log(`${what}: ${ended.status}, ${modelDays} of ${expected} model-days, each once: ${distinct === modelDays && modelDays === expected}, ${killed} kills, ${attempts?.again} units taken up again, run ${attempts?.run}, ${seconds.toFixed(1)} s, ${perSecond.toFixed(0)} model-days/s, results ${hash}`);
  // Of workers that were killed nobody knows any more what they took.
  const each = (name: keyof typeof after) => (after[name] - before[name]) / modelDays;
  if (kills === 0) console.log(`  a model-day took ${(1_000 * each("workerSeconds")).toFixed(1)} ms of processor in the workers and ${(1_000 * each("databaseSeconds")).toFixed(1)} ms in the database, which is ${Math.round((100 * (after.databaseSeconds - before.databaseSeconds)) / seconds / availableParallelism())} % of the ${availableParallelism()} cores; ${each("commits").toFixed(1)} commits`);
  await stopWorkers();
  return { hash, perSecond };
}

/** Processor seconds so far of the workers that live and of the database, and its commits. */
async function spent(): Promise<{ workerSeconds: number; databaseSeconds: number; commits: number }> {
  const backends = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => readStat(Number(pid)) ?? []).filter(({ parent }) => parent === server.pid);
  const postmaster = readStat(server.pid);
  const [row] = await db.$queryRaw<{ commits: bigint }[]>`select xact_commit as commits from pg_stat_database where datname = current_database()`;
  return {
    workerSeconds: [...children].reduce((sum, { pid }) => sum + (readStat(pid ?? 0)?.own ?? 0), 0),
    databaseSeconds: (postmaster?.own ?? 0) + (postmaster?.ended ?? 0) + backends.reduce((sum, { own }) => sum + own, 0),
    commits: Number(row?.commits ?? 0),
  };
}

/** Of a process, from /proc: what it took itself, and what those took that it has seen end. Null when it is gone. */
function readStat(pid: number): { parent: number; own: number; ended: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ").map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map((at) => fields[at]);
    return { parent, own: (user + system) / TICKS, ended: (endedUser + endedSystem) / TICKS };
  } catch {
    return null;
  }
}

let lastDate = "";
try {
  await migrate(server.url);
  // Twenty-five days before, so that the strategies know something on the first.
  const rows = makePrices(SYMBOLS, "2023-11-27", DAYS + 25, 7);
  await storePrices(db, rows);
  lastDate = rows.filter(({ date }) => date >= FROM).map(({ date }) => date).toSorted().at(-1) ?? "";
  await db.$executeRawUnsafe("vacuum analyze candles");
  const one = await simulate("one worker, undisturbed", 1, 0);
  const two = await simulate("two workers, undisturbed", 2, 0);
  const killed = await simulate("two workers, killed", 2, KILLS);
  console.log(`from one worker to two: ${(two.perSecond / one.perSecond).toFixed(2)} times as fast; the results are the same to the cent: ${one.hash === two.hash && two.hash === killed.hash}`);
  if (one.hash !== two.hash || two.hash !== killed.hash) process.exitCode = 1;
} finally {
  for (const child of children) child.kill("SIGKILL");
  await db.$disconnect();
  await server.stop();
}
