/** A worker process: takes units, runs them, and is crash-only: when it has lost its lock it ends, and is started anew. */
import { EventEmitter } from "node:events";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import { type JobHelpers, run as runGraphile } from "graphile-worker";
import pg from "pg";
import { z } from "zod";
import { sealAudit } from "#lib/audit/mutations";
import { BULK_TASK, reviveBulks } from "#lib/bulk/mutations";
import type { Ctx } from "#lib/ctx";
import { openDb, openPool } from "#lib/db/client";
import { quietLogger } from "#lib/db/migrate";
import { OVERDUE_MS } from "#lib/engine/expiry";
import { executeUnit, handBack, type AbortReason } from "#lib/engine/execute";
import { ANY_UNIT_TASK, unitTask } from "#lib/engine/jobs";
import { HEARTBEAT_MS, sweep, WORKER_LOCK_CLASS } from "#lib/engine/liveness";
import { tickSchedules } from "#lib/engine/schedule";
import type { Claim } from "#lib/engine/settle";
import { countTurns } from "#lib/engine/turns";
import { log } from "#lib/log";
import { PIPELINES } from "#lib/pipelines/registry";
import { foldRollups } from "#lib/stats/mutations";
import { listCapabilities } from "#lib/workers/rules";
import { VERSION } from "#lib/version";
import { workBulk } from "./bulk.ts";
import type { TimeLimit } from "./heartbeat.ts";
import { type FindKeep, pruneNightly } from "./nightly.ts";

const SWEEP_MS = 500;
const TICK_MS = 1_000;
/** How long a stopping worker waits for its units to notice and be handed back, in milliseconds. */
const STOP_GRACE_MS = 20_000;

/** How often it is asked whether the nightly prune is due, in milliseconds. */
const NIGHTLY_LOOK_MS = 60_000;

const UnitJob = z.object({ runId: z.number(), seq: z.number() });
const BulkJob = z.object({ actionId: z.number() });

export type WorkerOptions = { url: string; concurrency: number; /** What retention keeps; without it this worker never prunes. */ keep?: FindKeep; /** Called when the worker cannot go on; the process must end. */ onFatal(error: Error): void };
export type WorkerState = "taking units" | "draining" | "stopping";
export type RunningWorker = {
  id: number;
  state(): WorkerState;
  /** Resolves with who asked for it when the worker was drained and holds nothing any more; `stop` is still to be called. */
  drained: Promise<string>;
  stop(): Promise<void>;
};

/** Starts taking units from the database at `url`. Resolves when the first may be taken. */
export async function startWorker({ url, concurrency, keep, onFatal }: WorkerOptions): Promise<RunningWorker> {
  const db = openDb(url, concurrency + 4);
  const held = new Map<AbortController, Claim>();
  let stopping = false;
  let drainedBy: string | null = null;
  const { promise: drained, resolve: tellDrained } = Promise.withResolvers<string>();
  const fatal = (error: Error) => {
    if (stopping) return;
    stopping = true;
    onFatal(error);
  };

  const { id: registered } = await db.worker.create({ data: { host: hostname(), pid: process.pid, version: VERSION, concurrency, stages: listCapabilities(PIPELINES) }, select: { id: true } });
  const id = Number(registered);
  const ctx: Ctx = { db, actor: { kind: "worker", name: `worker ${id}` } };

  const ready = Promise.withResolvers<void>();
  const session = await openSession(url, id, fatal, (runId) => abortHeld(held, "cancelled", (claim) => claim.runId === runId));
  // The first beat may ask for it before there is anything to stop.
  const heartbeat = await startHeartbeat(url, id, fatal, () => void drain().catch(fatal));

  const events = new EventEmitter();
  // Known before the pool asks for its first job, so that no job can be locked by a pool nobody can look up.
  let poolRegistered: Promise<unknown> = Promise.resolve();
  events.once("pool:create", ({ workerPool }: { workerPool: { id: string } }) => {
    poolRegistered = db.worker.update({ where: { id: registered }, data: { poolId: workerPool.id }, select: { id: true } });
  });
  // Who has a job is no promise to anybody: one that a crash of the database gives out again finds its unit not due.
  const pool = openPool(url, concurrency + 4, "-c synchronous_commit=off");
  const tasks = [ANY_UNIT_TASK, ...PIPELINES.flatMap(({ name, stages }) => stages.map((stage) => unitTask(name, stage.name)))];
  const turns = countTurns(ctx, tasks);
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
    taskList: Object.fromEntries(tasks.map((task) => [task, runUnit])),
  });

  async function runUnit(payload: unknown, { job }: JobHelpers): Promise<void> {
    const { runId, seq } = UnitJob.parse(payload);
    const hold = (claim: Claim, controller: AbortController, limitMs: number | null) => {
      held.set(controller, claim);
      const unit = `${claim.seq} of run #${claim.runId}`;
      if (limitMs !== null) heartbeat.postMessage({ unit, limitMs } satisfies TimeLimit);
      if (stopping) controller.abort("stopping" satisfies AbortReason);
      return () => {
        held.delete(controller);
        if (limitMs !== null) heartbeat.postMessage({ unit, limitMs: null } satisfies TimeLimit);
      };
    };
    try {
      await turns.note(job.priority);
      await executeUnit({ ctx, workerId: id, hold, dueAt: job.run_at, takesMore: () => !stopping && drainedBy === null }, runId, seq);
    } catch (error) {
      // Nothing is known of the unit now: end, and let a sweeper give it to a worker that can tell.
      fatal(error as Error);
      throw error;
    }
  }

  runner.promise.catch((error) => fatal(error as Error));
  // A lane of its own: what cancels units must not wait for them. A job that dies with us is made anew by `reviveBulks`.
  const bulkRunner = await runGraphile({
    pgPool: pool,
    concurrency: 1,
    noHandleSignals: true,
    pollInterval: 1_000,
    logger: await quietLogger(),
    taskList: { [BULK_TASK]: (payload) => workBulk(ctx, BulkJob.parse(payload).actionId, () => stopping || drainedBy !== null) },
  });
  bulkRunner.promise.catch((error) => fatal(error as Error));

  let sweeping: Promise<unknown> = Promise.resolve();
  const look = () => {
    sweeping = sweeping.then(async () => {
      if (stopping) return;
      await sweep(ctx, session);
      await abortCancelled(ctx, held);
      await reviveBulks(ctx);
      await foldRollups(ctx);
      await sealAudit(ctx);
    }).catch(() => {});
  };
  // At once: it may be the first to come after all others have died.
  look();
  const sweeper = setInterval(look, SWEEP_MS);

  // Beside the sweeper: a long repair must not make a slot late.
  let ticking: Promise<unknown> = Promise.resolve();
  const ticker = setInterval(() => {
    ticking = ticking.then(async () => {
      if (!stopping) await tickSchedules(ctx);
    }).catch((error) => log.error("A schedule could not be decided, and is tried again", { error }));
  }, TICK_MS);
  const nightly = keep && keepNightly(ctx, session, keep);

  let ending: Promise<void> | null = null;
  /** Takes nothing new; resolves when what is held has ended. */
  const endTaking = (): Promise<void> => (ending ??= Promise.all([runner.stop().catch(() => {}), bulkRunner.stop().catch(() => {})]).then(() => {}));

  async function drain(): Promise<void> {
    if (drainedBy !== null || stopping) return;
    const { drainRequestedBy } = await db.worker.findUniqueOrThrow({ where: { id: registered }, select: { drainRequestedBy: true } });
    drainedBy = drainRequestedBy ?? "somebody";
    await ready.promise;
    log.info("The worker is drained: it takes nothing new, and stops when it holds nothing", { worker: id, by: drainedBy, holds: held.size });
    await endTaking();
    tellDrained(drainedBy);
  }
  ready.resolve();

  async function stop(): Promise<void> {
    stopping = true;
    clearInterval(sweeper);
    clearInterval(ticker);
    await Promise.all([sweeping, ticking, nightly?.stop()]);
    const ended = endTaking();
    abortHeld(held, "stopping", () => true);
    await Promise.race([ended, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    // What has not noticed can write nothing from here on, and is given to others as what it is: no crash.
    for (const claim of held.values()) await handBack(ctx, claim).catch((error) => log.error("A unit could not be handed back; a sweeper will", { ...claim, error }));
    await heartbeat.terminate();
    const stopReason = drainedBy === null ? "It was stopped" : `It was drained by ${drainedBy}`;
    await db.worker.updateMany({ where: { id: registered, stoppedAt: null }, data: { stoppedAt: new Date(), stopReason } });
    await session.end().catch(() => {});
    await pool.end().catch(() => {});
    await db.$disconnect();
  }
  return { id, drained, stop, state: () => (stopping ? "stopping" : drainedBy === null ? "taking units" : "draining") };
}

/** Looks once a minute whether the nightly prune is due, and waits for the one that is going on when it is stopped. */
function keepNightly(ctx: Ctx, session: pg.Client, findKeep: FindKeep): { stop(): Promise<void> } {
  const startedAt = new Date();
  const stopped = new AbortController();
  let prunedAt: Date | null = null;
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      if (await pruneNightly(ctx, session, { findKeep, startedAt, prunedAt }, stopped.signal)) prunedAt = new Date();
    }).catch((error) => log.error("The nightly prune failed; it is tried again", { error }));
  }, NIGHTLY_LOOK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      stopped.abort();
      return looking;
    },
  };
}

/**
 * A cable that is pulled closes no connection: the server would keep the lock of a worker that nobody can reach for hours. Asked
 * like this it lets go after 5 + 3 × 2 seconds of silence, so that the worker's units go on elsewhere.
 */
const NOTICE_A_CUT = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=11000";

/** The session whose life is the worker's: it holds the advisory lock and hears of cancellations. */
async function openSession(url: string, workerId: number, fatal: (error: Error) => void, onCancel: (runId: number) => void): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: url, keepAlive: true, keepAliveInitialDelayMillis: 5_000, options: NOTICE_A_CUT, connectionTimeoutMillis: 5_000, application_name: `penstock worker ${workerId}` });
  session.on("error", (error) => fatal(new Error(`The worker lost its database session: ${error.message}`)));
  session.on("end", () => fatal(new Error("The worker lost its database session")));
  session.on("notification", ({ payload }) => onCancel(Number(payload)));
  await session.connect();
  await session.query("select pg_advisory_lock($1::int, $2::int)", [WORKER_LOCK_CLASS, workerId]);
  await session.query("listen penstock_cancel");
  return session;
}

function startHeartbeat(url: string, workerId: number, fatal: (error: Error) => void, onDrain: () => void): Promise<Thread> {
  const thread = new Thread(new URL("./heartbeat.ts", import.meta.url), { workerData: { url, workerId, everyMs: HEARTBEAT_MS, overdueMs: OVERDUE_MS } });
  return new Promise((resolve, reject) => {
    thread.once("error", (error: Error) => {
      reject(error);
      fatal(error);
    });
    thread.on("message", (message) => {
      if (message === "are you there") thread.postMessage("here");
      if (message === "first") resolve(thread);
      if (message === "drain") onDrain();
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
