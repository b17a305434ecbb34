/** A worker process: takes units, runs them, and is crash-only: when it has lost its lock it ends, and is started anew. */
import { EventEmitter } from "node:events";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import { run as runGraphile } from "graphile-worker";
import pg from "pg";
import { z } from "zod";
import { BULK_TASK, reviveBulks } from "#lib/bulk/mutations";
import type { Ctx } from "#lib/ctx";
import { openDb, openPool } from "#lib/db/client";
import { quietLogger } from "#lib/db/migrate";
import { executeUnit, type AbortReason } from "#lib/engine/execute";
import { UNIT_TASK } from "#lib/engine/jobs";
import { HEARTBEAT_MS, sweep, WORKER_LOCK_CLASS } from "#lib/engine/liveness";
import { tickSchedules } from "#lib/engine/schedule";
import type { Claim } from "#lib/engine/settle";
import { messageOf } from "#lib/errors";
import { foldRollups } from "#lib/stats/mutations";
import { VERSION } from "#lib/version";
import { workBulk } from "./bulk.ts";

const SWEEP_MS = 500;
const TICK_MS = 1_000;
/** How long a stopping worker waits for its units to notice and be handed back, in milliseconds. */
const STOP_GRACE_MS = 20_000;

const UnitJob = z.object({ runId: z.number(), seq: z.number() });
const BulkJob = z.object({ actionId: z.number() });

export type WorkerOptions = { url: string; concurrency: number; /** Called when the worker cannot go on; the process must end. */ onFatal(error: Error): void };
export type RunningWorker = { id: number; stop(): Promise<void> };

/** Starts taking units from the database at `url`. Resolves when the first may be taken. */
export async function startWorker({ url, concurrency, onFatal }: WorkerOptions): Promise<RunningWorker> {
  const db = openDb(url, concurrency + 4);
  const held = new Map<AbortController, Claim>();
  let stopping = false;
  const fatal = (error: Error) => {
    if (stopping) return;
    stopping = true;
    onFatal(error);
  };

  const { id: registered } = await db.worker.create({ data: { host: hostname(), pid: process.pid, version: VERSION, concurrency }, select: { id: true } });
  const id = Number(registered);
  const ctx: Ctx = { db, actor: { kind: "worker", name: `worker ${id}` } };

  const session = await openSession(url, id, fatal, (runId) => abortHeld(held, "cancelled", (claim) => claim.runId === runId));
  const heartbeat = await startHeartbeat(url, id, fatal);

  const events = new EventEmitter();
  // Known before the pool asks for its first job, so that no job can be locked by a pool nobody can look up.
  let poolRegistered: Promise<unknown> = Promise.resolve();
  events.once("pool:create", ({ workerPool }: { workerPool: { id: string } }) => {
    poolRegistered = db.worker.update({ where: { id: registered }, data: { poolId: workerPool.id }, select: { id: true } });
  });
  const pool = openPool(url, concurrency + 4);
  const runner = await runGraphile({
    pgPool: pool,
    concurrency,
    noHandleSignals: true,
    pollInterval: 1_000,
    events: events as never,
    logger: await quietLogger(),
    forbiddenFlags: async () => {
      await poolRegistered;
      return null;
    },
    taskList: {
      [UNIT_TASK]: async (payload) => {
        const { runId, seq } = UnitJob.parse(payload);
        const hold = (claim: Claim, controller: AbortController) => {
          held.set(controller, claim);
          if (stopping) controller.abort("stopping" satisfies AbortReason);
          return () => held.delete(controller);
        };
        try {
          await executeUnit({ ctx, workerId: id, hold }, runId, seq);
        } catch (error) {
          // Nothing is known of the unit now: end, and let a sweeper give it to a worker that can tell.
          fatal(error as Error);
          throw error;
        }
      },
    },
  });
  runner.promise.catch((error) => fatal(error as Error));
  // A lane of its own: what cancels units must not wait for them. A job that dies with us is made anew by `reviveBulks`.
  const bulkRunner = await runGraphile({
    pgPool: pool,
    concurrency: 1,
    noHandleSignals: true,
    pollInterval: 1_000,
    logger: await quietLogger(),
    taskList: { [BULK_TASK]: (payload) => workBulk(ctx, BulkJob.parse(payload).actionId, () => stopping) },
  });
  bulkRunner.promise.catch((error) => fatal(error as Error));

  let sweeping: Promise<unknown> = Promise.resolve();
  const sweeper = setInterval(() => {
    sweeping = sweeping.then(async () => {
      if (stopping) return;
      await sweep(ctx, session);
      await abortCancelled(ctx, held);
      await reviveBulks(ctx);
      await foldRollups(ctx);
    }).catch(() => {});
  }, SWEEP_MS);

  // Beside the sweeper: a long repair must not make a slot late.
  let ticking: Promise<unknown> = Promise.resolve();
  const ticker = setInterval(() => {
    ticking = ticking.then(async () => {
      if (!stopping) await tickSchedules(ctx);
    }).catch((error) => console.error(`A schedule could not be decided, and is tried again: ${messageOf(error)}`));
  }, TICK_MS);

  async function stop(): Promise<void> {
    stopping = true;
    clearInterval(sweeper);
    clearInterval(ticker);
    await Promise.all([sweeping, ticking]);
    abortHeld(held, "stopping", () => true);
    await Promise.race([Promise.all([runner.stop().catch(() => {}), bulkRunner.stop().catch(() => {})]), sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    await heartbeat.terminate();
    await db.worker.updateMany({ where: { id: registered, stoppedAt: null }, data: { stoppedAt: new Date(), stopReason: "It was stopped" } });
    await session.end().catch(() => {});
    await pool.end().catch(() => {});
    await db.$disconnect();
  }
  return { id, stop };
}

/** The session whose life is the worker's: it holds the advisory lock and hears of cancellations. */
async function openSession(url: string, workerId: number, fatal: (error: Error) => void, onCancel: (runId: number) => void): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000, application_name: `penstock worker ${workerId}` });
  session.on("error", (error) => fatal(new Error(`The worker lost its database session: ${error.message}`)));
  session.on("end", () => fatal(new Error("The worker lost its database session")));
  session.on("notification", ({ payload }) => onCancel(Number(payload)));
  await session.connect();
  await session.query("select pg_advisory_lock($1::int, $2::int)", [WORKER_LOCK_CLASS, workerId]);
  await session.query("listen penstock_cancel");
  return session;
}

function startHeartbeat(url: string, workerId: number, fatal: (error: Error) => void): Promise<Thread> {
  const thread = new Thread(new URL("./heartbeat.ts", import.meta.url), { workerData: { url, workerId, everyMs: HEARTBEAT_MS } });
  return new Promise((resolve, reject) => {
    thread.once("error", (error: Error) => {
      reject(error);
      fatal(error);
    });
    thread.on("message", (message) => {
      if (message === "first") resolve(thread);
      if (message === "lost") fatal(new Error("This worker was taken for dead, and its units were given to others"));
    });
  });
}

function abortHeld(held: Map<AbortController, Claim>, reason: AbortReason, which: (claim: Claim) => boolean): void {
  for (const [controller, claim] of held) if (which(claim)) controller.abort(reason);
}

/** A notification may be missed; the row is the truth. */
async function abortCancelled(ctx: Ctx, held: Map<AbortController, Claim>): Promise<void> {
  const runIds = [...new Set([...held.values()].map(({ runId }) => runId))];
  if (runIds.length === 0) return;
  const cancelled = await ctx.db.run.findMany({ where: { id: { in: runIds }, cancelRequestedAt: { not: null } }, select: { id: true } });
  for (const { id } of cancelled) abortHeld(held, "cancelled", (claim) => claim.runId === Number(id));
}
