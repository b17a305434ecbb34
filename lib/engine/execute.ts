/** One attempt of one unit, from claim to end. */
import { inTransaction, type Ctx } from "#lib/ctx";
import type { UnitKind } from "#lib/db/generated/enums";
import { storable } from "#lib/db/storable";
import { messageOf } from "#lib/errors";
import { formatDuration } from "#lib/format/duration";
import { failpoint } from "#lib/failpoint";
import { makeVeil } from "#lib/secrets";
import { countMetric, timeMetric } from "#lib/metrics/recorder";
import { findStage } from "#lib/pipelines/registry";
import { isDatabaseAway } from "./away.ts";
import { claimFirst, type Claimed, claimUnit } from "./claim.ts";
import type { Json, Stage } from "./define.ts";
import { endWorkUnit } from "./end-batch.ts";
import { expireRun, runTimeout, unitTimeout } from "./expiry.ts";
import { returnUnit } from "./gate.ts";
import { BudgetSpentError } from "./llm.ts";
import { type Planned, planRun } from "./plan.ts";
import { retryAfter, retryUnit } from "./retry-unit.ts";
import { classOf, makeUnitCtx, type UnitRun } from "./run-context.ts";
import { endUnit, isHeld, type Claim, type UnitEnd } from "./settle.ts";
import { SupersededError } from "./steps.ts";

/** Why a unit's signal was aborted: the run is cancelled, this worker stops and hands the unit back, or its or its run's time is up. */
export type AbortReason = "cancelled" | "stopping" | "unit timeout" | "run timeout";

export type UnitOutcome = "ended" | "to be tried again" | "handed back" | "superseded" | "not due";

/** What the process lets the engine know and use. */
export type Executor = {
  ctx: Ctx;
  workerId: number;
  /** Called when a unit begins; the controller aborts its signal, as it does after `limitMs`, if that is a number. Returns what to call when it ends. */
  hold(claim: Claim, controller: AbortController, limitMs: number | null): () => void;
  /** When the unit became due, as its job says; by the database's clock. */
  dueAt?: Date;
  /** Whether the worker may go on with a run that it has planned; left out, it may not. */
  takesMore?(): boolean;
};

/** How long an aborted unit may take to notice, in milliseconds, before it is ended over its head. */
const ABORT_GRACE_MS = 10_000;

/**
 * Claims a unit and runs it to its end, and with the planning of a run its first unit, if nobody else waits for the worker.
 * Never throws for what the stage's own code does: that is the unit's error.
 *
 * @throws whatever the database throws; the caller must treat it as fatal, so that a sweeper repairs the unit.
 */
export async function executeUnit(executor: Executor, runId: number, seq: number): Promise<UnitOutcome> {
  const claimed = await claimUnit(executor.ctx, executor.workerId, runId, seq);
  if (!claimed) return "not due";
  const outcome = await executeClaimed(executor, { runId, seq, attempt: claimed.attempt }, claimed, executor.dueAt);
  if (typeof outcome === "string") return outcome;
  await executeClaimed(executor, { runId, seq: 1, attempt: outcome.first.attempt }, outcome.first, new Date());
  return "ended";
}

/** The first unit of a run whose planning has ended: this worker's. */
type Continued = { first: Claimed };

async function executeClaimed(executor: Executor, claim: Claim, claimed: Claimed, dueAt: Date | undefined): Promise<UnitOutcome | Continued> {
  const { ctx } = executor;
  await failpoint("claim.committed", claimed.kind);
  noteClaim(claimed, dueAt);
  const controller = new AbortController();
  const limit = limitOf(claimed);
  const release = executor.hold(claim, controller, limit?.ms ?? null);
  const unwatch = watchTime(limit, controller);
  try {
    const end = await runClaimed(executor, claim, claimed, controller);
    if (end === "superseded" || end === "ended") return end;
    if (end === "handed back") return (await handBack(ctx, claim)) ? "handed back" : "superseded";
    if ("first" in end) return end;
    if (end.retryAfterMs !== undefined) return (await retryUnit(ctx, claim, end, end.retryAfterMs)) ? "to be tried again" : "superseded";
    // First, so that the end of the unit finds the run expired, and begins nothing more of it.
    if (end.errorClass === "RunTimeout") await expireRun(ctx, claim.runId);
    return (await (claimed.kind === "work" ? endWorkUnit : endUnit)(ctx, claim, end)) ? "ended" : "superseded";
  } finally {
    unwatch();
    release();
  }
}

/** The longest that a timer can wait for; what is further off is seen by the sweeper. */
const TIMER_MAX_MS = 2_147_483_647;

/** The first of its limits: its own, or what is left of its run's. */
function limitOf({ unit_ms, run_ms }: Claimed): { ms: number; reason: AbortReason } | null {
  const limits = [{ ms: unit_ms, reason: "unit timeout" as const }, { ms: run_ms, reason: "run timeout" as const }].flatMap(({ ms, reason }) => (ms === null ? [] : [{ ms: Math.max(0, ms), reason }]));
  return limits.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
}

/** Aborts the unit when its time is up. Returns what ends the watching. */
function watchTime(limit: ReturnType<typeof limitOf>, controller: AbortController): () => void {
  if (!limit || limit.ms > TIMER_MAX_MS) return () => {};
  const timer = setTimeout(() => controller.abort(limit.reason), limit.ms);
  return () => clearTimeout(timer);
}

function noteClaim({ pipeline, stage, attempt }: Claimed, dueAt: Date | undefined): void {
  if (attempt > 1) countMetric("app_retries_total", { pipeline, stage });
  if (dueAt) timeMetric("app_queue_wait_seconds", { stage: `${pipeline}/${stage}` }, (Date.now() - dueAt.getTime()) / 1_000);
}

type Ending = (UnitEnd & { /** It has failed, and is tried again after so long. */ retryAfterMs?: number }) | "handed back" | "superseded" | "ended" | Continued;

async function runClaimed(executor: Executor, claim: Claim, claimed: Claimed, controller: AbortController): Promise<Ending> {
  const { ctx } = executor;
  const { signal } = controller;
  let unit: UnitRun | null = null;
  let stage: Stage | null = null;
  try {
    stage = findStage(claimed.pipeline, claimed.stage);
    const params = stage.params.parse(claimed.params);
    unit = await makeUnitCtx(ctx, claim, params, signal, claimed.items_total, { ...claimed, limits: stage.llm, stop: (reason) => controller.abort(reason) });
    const worked = await orAborted(signal, work(ctx, claim, claimed, stage, params, unit.ctx, signal));
    // A stage that went on with what it had has not done what it was asked to.
    if (signal.reason instanceof BudgetSpentError) throw signal.reason;
    await unit.flush();
    if (worked.write) return await endPlan(executor, claim, worked);
    const { output } = worked;
    const { firstError, firstErrorClass, ...counted } = unit.pending();
    return { status: "completed", output: output == null ? undefined : makeVeil().json(output), error: firstError, errorClass: firstErrorClass, failures: unit.failures(), ...counted };
  } catch (thrown) {
    if (thrown instanceof SupersededError) return "superseded";
    if (thrown instanceof EndingError) throw thrown.cause;
    if (signal.reason === "stopping") {
      await unit?.flush();
      return "handed back";
    }
    if (signal.reason === "cancelled") {
      await unit?.flush();
      return { status: "cancelled", error: "Cancelled on request", failures: unit?.failures(), ...countsOf(unit) };
    }
    if (!signal.aborted && isDatabaseAway(thrown)) throw thrown;
    const spent = signal.reason instanceof BudgetSpentError ? signal.reason : null;
    const error = spent ?? thrown;
    const isLate = signal.aborted && spent === null;
    const end = isLate ? (signal.reason === "run timeout" ? runTimeout() : unitTimeout(claimed.unit_ms ?? 0)) : { status: "failed" as const, error: makeVeil().text(storable(messageOf(error))), errorClass: classOf(error) };
    const afterMs = signal.reason === "run timeout" || spent ? null : retryAfter(stage && claimed.retry, claimed.failures, error, end.errorClass ?? "Error");
    unit?.ctx.log(afterMs === null ? (end.error ?? "") : `Attempt ${claimed.failures + 1} of ${claimed.retry?.attempts} failed, and is tried again in ${formatDuration(afterMs)}: ${end.error}`, afterMs === null ? "error" : "warn");
    await unit?.flush();
    return { ...end, failures: unit?.failures(isLate ? undefined : { thrown: error }), ...countsOf(unit), ...(afterMs !== null && { retryAfterMs: afterMs }) };
  } finally {
    unit?.dispose();
  }
}

function countsOf(unit: UnitRun | null): { done: number; failed: number } {
  const { done = 0, failed = 0 } = unit?.pending() ?? {};
  return { done, failed };
}

async function work(ctx: Ctx, claim: Claim, claimed: Claimed, stage: Stage, params: unknown, unitCtx: UnitRun["ctx"], signal: AbortSignal): Promise<Planned | { output: Json | void; write?: undefined }> {
  switch (claimed.kind) {
    case "plan":
      return planRun(ctx, claim, stage, params, signal, unitCtx.log, claimed);
    case "work":
      return { output: await stage.unit(unitCtx, claimed.input) };
    case "settle":
      return { output: await stage.settle?.(unitCtx) };
  }
}

/** What was thrown as a plan was being ended, and is no fault of what it says. */
class EndingError extends Error {}

/**
 * Writes the last of a plan's units, ends the planning, and takes the first unit if no other job is waiting, in one commit:
 * of a small run on an idle worker nothing is ever in the queue but its planning.
 *
 * @throws what the database says of the units, which is the plan's error; an EndingError for all else.
 */
async function endPlan({ ctx, workerId, takesMore }: Executor, claim: Claim, { output, opens, write }: Planned): Promise<Ending> {
  let first = null as Claimed | null;
  let refused: unknown;
  try {
    const ended = await endUnit(ctx, claim, { status: "completed", output, opens }, async (tx) => {
      const { isAlone } = await write(tx).catch((error) => {
        throw (refused = error);
      });
      first = isAlone && takesMore?.() ? await claimFirst(tx, workerId, claim.runId) : null;
    });
    if (!ended) return "superseded";
  } catch (error) {
    throw error === refused ? error : new EndingError("The plan could not be ended", { cause: error });
  }
  return first ? { first } : "ended";
}

/** The promise, or the abort once the unit has had its grace to notice. What still runs afterwards can write nothing. */
function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(new Error("The unit did not stop in time")), ABORT_GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    });
  });
}

/** Gives a unit back for another worker to take. The attempt is not burnt: stopping a worker is no fault of the unit. */
export async function handBack(ctx: Ctx, claim: Claim): Promise<boolean> {
  const given = await inTransaction(ctx, async (tx) => {
    const [unit] = await tx.db.$queryRaw<{ kind: UnitKind }[]>`
      update run_units set status = 'pending', worker_id = null where ${isHeld(claim)} returning kind::text`;
    if (!unit) return null;
    await failpoint("handBack.given", unit.kind);
    await returnUnit(tx, claim.runId, claim.seq);
    return unit;
  });
  if (given) await failpoint("handBack.committed", given.kind);
  return given !== null;
}
