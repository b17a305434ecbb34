/** One attempt of one unit, from claim to end. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { storable } from "#lib/db/storable";
import { messageOf } from "#lib/errors";
import { countMetric, timeMetric } from "#lib/metrics/recorder";
import { findStage } from "#lib/pipelines/registry";
import { changeRunStatus } from "#lib/runs/mutations";
import type { Json, Stage } from "./define.ts";
import { enqueueUnit } from "./jobs.ts";
import { BudgetSpentError } from "./llm.ts";
import { planRun } from "./plan.ts";
import { classOf, makeUnitCtx, SupersededError } from "./run-context.ts";
import { endUnit, isHeld, type Claim, type UnitEnd } from "./settle.ts";

/** Why a unit's signal was aborted: the run is cancelled, or this worker stops and hands the unit back. */
export type AbortReason = "cancelled" | "stopping";

export type UnitOutcome = "ended" | "handed back" | "superseded" | "not due";

/** What the process lets the engine know and use. */
export type Executor = {
  ctx: Ctx;
  workerId: number;
  /** Called when a unit begins; the controller aborts its signal. Returns what to call when it ends. */
  hold(claim: Claim, controller: AbortController): () => void;
  /** When the unit became due, as its job says; by the database's clock. */
  dueAt?: Date;
};

/** How long an aborted unit may take to notice, in milliseconds, before it is ended over its head. */
const ABORT_GRACE_MS = 10_000;

const Claimed = z.object({
  attempt: z.number(),
  kind: z.enum(["plan", "work", "settle"]),
  input: z.unknown(),
  items_total: z.number().nullable(),
  pipeline: z.string(),
  stage: z.string(),
  params: z.unknown(),
});
type Claimed = z.infer<typeof Claimed>;

/**
 * Claims a unit and runs it to its end. Never throws for what the stage's own code does: that is the unit's error.
 *
 * @throws whatever the database throws; the caller must treat it as fatal, so that a sweeper repairs the unit.
 */
export async function executeUnit(executor: Executor, runId: number, seq: number): Promise<UnitOutcome> {
  const { ctx } = executor;
  const claimed = await claimUnit(ctx, executor.workerId, runId, seq);
  if (!claimed) return "not due";
  const claim: Claim = { runId, seq, attempt: claimed.attempt };
  noteClaim(claimed, executor.dueAt);
  const controller = new AbortController();
  const release = executor.hold(claim, controller);
  try {
    const end = await runClaimed(ctx, claim, claimed, controller);
    if (end === "superseded") return "superseded";
    if (end === "handed back") return (await handBack(ctx, claim)) ? "handed back" : "superseded";
    return (await endUnit(ctx, claim, end)) ? "ended" : "superseded";
  } finally {
    release();
  }
}

function noteClaim({ pipeline, stage, attempt }: Claimed, dueAt: Date | undefined): void {
  if (attempt > 1) countMetric("app_retries_total", { pipeline, stage });
  if (dueAt) timeMetric("app_queue_wait_seconds", { stage: `${pipeline}/${stage}` }, (Date.now() - dueAt.getTime()) / 1_000);
}

/** Takes the unit for this worker as its next attempt, and begins the run with its first. Null when it is not due any more. */
function claimUnit(ctx: Ctx, workerId: number, runId: number, seq: number): Promise<Claimed | null> {
  return inTransaction(ctx, async (tx) => {
    const rows = await tx.db.$queryRaw`
      with due as (
        select u.run_id, u.seq, u.items_done - u.items_saved as unsaved, u.items_failed
          from run_units u
          join runs r on r.id = u.run_id
         where u.run_id = ${runId} and u.seq = ${seq} and u.status = 'pending'
           and r.status in ('pending', 'running') and r.cancel_requested_at is null
           for no key update of u
      ), claimed as (
        update run_units u
           set status = 'running', attempt = attempt + 1, worker_id = ${workerId}, started_at = coalesce(started_at, clock_timestamp()),
               items_done = u.items_saved, items_failed = 0, error = null, error_class = null
          from due
         where u.run_id = due.run_id and u.seq = due.seq
        returning u.run_id, u.attempt, u.kind, u.input, u.items_total
      ), corrected as (
        update runs r
           set items_processed = items_processed - due.unsaved, items_failed = r.items_failed - due.items_failed
          from due
         where r.id = due.run_id and (due.unsaved > 0 or due.items_failed > 0)
        returning r.id
      )
      select claimed.*, r.pipeline, r.stage, r.params
        from claimed
        join runs r on r.id = claimed.run_id`;
    const [claimed] = z.array(Claimed).parse(rows);
    if (claimed?.kind === "plan") await changeRunStatus(tx, runId, "running");
    return claimed ?? null;
  });
}

type Ending = UnitEnd | "handed back" | "superseded";

async function runClaimed(ctx: Ctx, claim: Claim, claimed: Claimed, controller: AbortController): Promise<Ending> {
  const { signal } = controller;
  let unit: Awaited<ReturnType<typeof makeUnitCtx>> | null = null;
  try {
    const stage = findStage(claimed.pipeline, claimed.stage);
    const params = stage.params.parse(claimed.params);
    unit = await makeUnitCtx(ctx, claim, params, signal, claimed.items_total, { ...claimed, limits: stage.llm, stop: (reason) => controller.abort(reason) });
    const output = await orAborted(signal, work(ctx, claim, claimed, stage, params, unit.ctx, signal));
    // A stage that went on with what it had has not done what it was asked to.
    if (signal.reason instanceof BudgetSpentError) throw signal.reason;
    await unit.flush();
    const { firstError, firstErrorClass, ...counted } = unit.pending();
    return { status: "completed", output: output ?? undefined, error: firstError, errorClass: firstErrorClass, failures: unit.failures(), ...counted };
  } catch (thrown) {
    if (thrown instanceof SupersededError) return "superseded";
    const error = signal.reason instanceof BudgetSpentError ? signal.reason : thrown;
    if (signal.aborted && error === thrown && !(error instanceof BudgetSpentError)) {
      await unit?.flush();
      return signal.reason === "stopping" ? "handed back" : { status: "cancelled", error: "Cancelled on request", failures: unit?.failures(), ...countsOf(unit) };
    }
    if (isDatabaseAway(error)) throw error;
    unit?.ctx.log(`${messageOf(error)}`, "error");
    await unit?.flush();
    return { status: "failed", error: storable(messageOf(error)), errorClass: classOf(error), failures: unit?.failures({ thrown: error }), ...countsOf(unit) };
  } finally {
    unit?.dispose();
  }
}

function countsOf(unit: Awaited<ReturnType<typeof makeUnitCtx>> | null): { done: number; failed: number } {
  const { done = 0, failed = 0 } = unit?.pending() ?? {};
  return { done, failed };
}

async function work(ctx: Ctx, claim: Claim, claimed: Claimed, stage: Stage, params: unknown, unitCtx: Awaited<ReturnType<typeof makeUnitCtx>>["ctx"], signal: AbortSignal): Promise<Json | void> {
  switch (claimed.kind) {
    case "plan":
      return planRun(ctx, claim, stage, params, signal, unitCtx.log);
    case "work":
      return stage.unit(unitCtx, claimed.input);
    case "settle":
      return stage.settle?.(unitCtx);
  }
}

/** The promise, or the abort once the unit has had its grace to notice. What still runs afterwards can write nothing. */
function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(new Error("The unit did not stop in time")), ABORT_GRACE_MS);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    });
  });
}

/** Gives a unit back for another worker to take. The attempt is not burnt: stopping a worker is no fault of the unit. */
export function handBack(ctx: Ctx, claim: Claim): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const given = await tx.db.$executeRaw`
      update run_units set status = 'pending', worker_id = null where ${isHeld(claim)}`;
    if (given > 0) await enqueueUnit(tx, claim.runId, claim.seq);
    return given > 0;
  });
}

/** Classes of SQLSTATE and of Node that mean: the server is gone, not: the statement was wrong. */
const AWAY = /^(08|57P)|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|P1001|P1002|P1008|P1017|P2024|P2028/;

export function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, meta } = cause as { code?: unknown; meta?: { code?: unknown } };
    if ([code, meta?.code].some((candidate) => typeof candidate === "string" && AWAY.test(candidate))) return true;
    if (/Connection terminated|Can't reach database server|connection timeout|terminating connection/i.test(cause.message)) return true;
  }
  return false;
}
