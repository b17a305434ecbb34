/** One attempt of one unit, from claim to end. */
import { inTransaction, type Ctx } from "#lib/ctx";
import type { UnitKind } from "#lib/db/generated/enums";
import { storable } from "#lib/db/storable";
import { messageOf } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { knownSecrets, redact } from "#lib/log";
import { countMetric, timeMetric } from "#lib/metrics/recorder";
import { findStage } from "#lib/pipelines/registry";
import { type Claimed, claimUnit } from "./claim.ts";
import type { Json, Stage } from "./define.ts";
import { returnUnit } from "./gate.ts";
import { planRun } from "./plan.ts";
import { classOf, makeUnitCtx } from "./run-context.ts";
import { endUnit, isHeld, type Claim, type UnitEnd } from "./settle.ts";
import { SupersededError } from "./steps.ts";

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

/**
 * Claims a unit and runs it to its end. Never throws for what the stage's own code does: that is the unit's error.
 *
 * @throws whatever the database throws; the caller must treat it as fatal, so that a sweeper repairs the unit.
 */
export async function executeUnit(executor: Executor, runId: number, seq: number): Promise<UnitOutcome> {
  const { ctx } = executor;
  const claimed = await claimUnit(ctx, executor.workerId, runId, seq);
  if (!claimed) return "not due";
  await failpoint("claim.committed", claimed.kind);
  const claim: Claim = { runId, seq, attempt: claimed.attempt };
  noteClaim(claimed, executor.dueAt);
  const controller = new AbortController();
  const release = executor.hold(claim, controller);
  try {
    const end = await runClaimed(ctx, claim, claimed, controller.signal);
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

type Ending = UnitEnd | "handed back" | "superseded";

async function runClaimed(ctx: Ctx, claim: Claim, claimed: Claimed, signal: AbortSignal): Promise<Ending> {
  let unit: Awaited<ReturnType<typeof makeUnitCtx>> | null = null;
  try {
    const stage = findStage(claimed.pipeline, claimed.stage);
    const params = stage.params.parse(claimed.params);
    unit = await makeUnitCtx(ctx, claim, params, signal, claimed.items_total, claimed);
    const output = await orAborted(signal, work(ctx, claim, claimed, stage, params, unit.ctx, signal));
    await unit.flush();
    const { firstError, firstErrorClass, ...counted } = unit.pending();
    return { status: "completed", output: output ?? undefined, error: firstError, errorClass: firstErrorClass, failures: unit.failures(), ...counted };
  } catch (error) {
    if (error instanceof SupersededError) return "superseded";
    if (signal.aborted) {
      await unit?.flush();
      return signal.reason === "stopping" ? "handed back" : { status: "cancelled", error: "Cancelled on request", failures: unit?.failures(), ...countsOf(unit) };
    }
    if (isDatabaseAway(error)) throw error;
    const said = redact(storable(messageOf(error)), knownSecrets());
    unit?.ctx.log(said, "error");
    await unit?.flush();
    return { status: "failed", error: said, errorClass: classOf(error), failures: unit?.failures({ thrown: error }), ...countsOf(unit) };
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
