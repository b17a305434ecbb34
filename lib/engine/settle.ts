/** What happens when something ends: a unit, a wave, a run, and what waited for it. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { recordFailures } from "#lib/error-groups/mutations";
import type { Failure } from "#lib/error-groups/rules";
import { failpoint } from "#lib/failpoint";
import { findStage } from "#lib/pipelines/registry";
import { changeRunStatus, type StatusChange } from "#lib/runs/mutations";
import { endStatus, isFinal, lifts, type RunStatus, type UnitStatus } from "#lib/runs/rules";
import type { Json } from "./define.ts";
import { enqueueUnits, enqueueUnit } from "./jobs.ts";
import { beginRun } from "./trigger.ts";

/** Which attempt of which unit speaks. Every write of the engine for a unit carries it. */
export type Claim = { runId: number; seq: number; attempt: number };

export type UnitEnd = {
  status: Extract<UnitStatus, "completed" | "failed" | "cancelled">;
  output?: Json;
  errorClass?: string;
  error?: string;
  /** Items counted since the last flush. */
  done?: number;
  failed?: number;
  /** What went wrong in it, for the error groups; a failed unit that does not say has failed with `error`. */
  failures?: Failure[];
};

/** The condition that a claim still holds: nobody repaired, cancelled or ended the unit meanwhile. */
export const isHeld = ({ runId, seq, attempt }: Claim) => sql`run_id = ${runId} and seq = ${seq} and attempt = ${attempt} and status = 'running'`;

const Ended = z.object({ kind: z.enum(["plan", "work", "settle"]), status: z.enum(["completed", "failed", "cancelled"]) });

/**
 * Ends a unit in one transaction with all that follows from it: the next wave, or the end of the run and the
 * beginning of what waited for it. Locks the unit, then the run, the same order as every other write of the engine.
 *
 * A unit that came to its end with failed items and not one done has failed.
 * Returns false, having changed nothing, when the claim does not hold any more.
 */
export async function endUnit(ctx: Ctx, claim: Claim, end: UnitEnd): Promise<boolean> {
  const ended = await inTransaction(ctx, async (tx) => {
    const { done = 0, failed = 0 } = end;
    const rows = await tx.db.$queryRaw`
      update run_units
         set status = case when ${end.status === "completed"} and items_failed + ${failed} > 0 and items_done + ${done} = 0 then 'failed' else ${end.status} end::unit_status,
             completed_at = clock_timestamp(),
             duration_ms = extract(epoch from clock_timestamp() - started_at) * 1000,
             output = ${end.output === undefined ? null : JSON.stringify(end.output)}::jsonb,
             error_class = ${end.errorClass ?? null}, error = coalesce(${end.error ?? null}, error),
             items_done = items_done + ${done}, items_failed = items_failed + ${failed}
       where ${isHeld(claim)}
      returning kind, status::text`;
    const [unit] = z.array(Ended).parse(rows);
    if (!unit) return null;
    await failpoint("endUnit.updated", unit.kind);
    const [run] = await tx.db.$queryRaw<{ pipeline: string; stage: string }[]>`
      update runs
         set items_processed = items_processed + ${done}, items_failed = items_failed + ${failed},
             units_done   = units_done   + ${unit.kind === "work" && unit.status === "completed" ? 1 : 0},
             units_failed = units_failed + ${unit.kind === "work" && unit.status === "failed" ? 1 : 0}
       where id = ${claim.runId}
      returning pipeline, stage`;
    await failpoint("endUnit.counted", unit.kind);
    if (unit.kind === "work" || end.status === "completed") await advanceRun(tx, claim.runId);
    else await endRun(tx, claim.runId, end.status, { errorClass: end.errorClass, errorMessage: end.error });
    if (run) await recordFailures(tx, { runId: claim.runId, unitSeq: claim.seq, ...run }, end.failures ?? failureOf(end));
    await failpoint("endUnit.followed", unit.kind);
    return unit;
  });
  if (ended) await failpoint("endUnit.committed", ended.kind);
  return ended !== null;
}

/** What a unit failed with that nobody has told more of: its worker died, or it ended before it had begun. */
const failureOf = ({ status, error, errorClass }: UnitEnd): Failure[] =>
  status === "failed" && error !== undefined ? [{ step: null, stepSeq: null, errorClass: errorClass ?? "Error", message: error, count: 1 }] : [];

const Progress = z.object({
  pipeline: z.string(),
  stage: z.string(),
  status: z.string(),
  cancel_requested: z.boolean(),
  open: z.boolean(),
  next_wave: z.number().nullable(),
  settled: z.boolean(),
  last_seq: z.number(),
});

/**
 * Looks at a run after a change to its units and does what is due: nothing while units of the wave are open; else
 * the next wave, the settling unit, or the end. The caller's transaction takes the lock on the run here, so two units
 * that end together look one after the other.
 */
export async function advanceRun(ctx: Ctx, runId: number): Promise<void> {
  await ctx.db.$executeRaw`select 1 from runs where id = ${runId} for no key update`;
  const rows = await ctx.db.$queryRaw`
    select pipeline, stage, status::text, cancel_requested_at is not null as cancel_requested,
           exists (select 1 from run_units u where u.run_id = r.id and u.status = 'running')
             or exists (select 1 from run_units u where u.run_id = r.id and u.status = 'pending' and u.wave = r.wave) as open,
           (select min(u.wave) from run_units u where u.run_id = r.id and u.status = 'pending' and u.wave > r.wave) as next_wave,
           exists (select 1 from run_units u where u.run_id = r.id and u.kind = 'settle') as settled,
           (select max(u.seq) from run_units u where u.run_id = r.id) as last_seq
      from runs r
     where id = ${runId}`;
  const [run] = z.array(Progress).parse(rows);
  if (!run || isFinal(run.status as RunStatus)) return;

  if (run.cancel_requested) {
    const [{ running } = { running: false }] = await ctx.db.$queryRaw<{ running: boolean }[]>`select exists (select 1 from run_units where run_id = ${runId} and status = 'running') as running`;
    if (!running) await endRun(ctx, runId, "cancelled", { reason: "Cancelled on request" });
    return;
  }
  if (run.open) return;
  if (run.next_wave !== null) {
    await ctx.db.$executeRaw`update runs set wave = ${run.next_wave} where id = ${runId}`;
    await enqueueUnits(ctx, sql`run_id = ${runId} and wave = ${run.next_wave} and status = 'pending'`);
    await failpoint("advance.wave");
    return;
  }
  const stage = findStage(run.pipeline, run.stage);
  const hasWork = run.last_seq > 0;
  if (stage.settle && hasWork && !run.settled) {
    const seq = run.last_seq + 1;
    await ctx.db.runUnit.create({ data: { runId, seq, kind: "settle", name: "settle", wave: SETTLE_WAVE }, select: { seq: true } });
    await ctx.db.$executeRaw`update runs set wave = ${SETTLE_WAVE} where id = ${runId}`;
    await enqueueUnit(ctx, runId, seq);
    await failpoint("advance.settle");
    return;
  }
  await endByTally(ctx, runId);
}

/** The settling unit's wave: after every other. */
const SETTLE_WAVE = 1_000_000_000;

const Tally = z.object({
  completed: z.coerce.number(),
  failed: z.coerce.number(),
  cancelled: z.coerce.number(),
  items_processed: z.number(),
  items_failed: z.number(),
  hold: z.boolean(),
  first_error: z.string().nullable(),
  first_error_class: z.string().nullable(),
});

async function endByTally(ctx: Ctx, runId: number): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    select count(*) filter (where u.status = 'completed') as completed,
           count(*) filter (where u.status = 'failed') as failed,
           count(*) filter (where u.status = 'cancelled') as cancelled,
           r.items_processed, r.items_failed, r.hold,
           (array_agg(u.error order by u.status = 'failed' desc, u.seq) filter (where u.error is not null))[1] as first_error,
           (array_agg(u.error_class order by u.status = 'failed' desc, u.seq) filter (where u.error is not null))[1] as first_error_class
      from runs r
      left join run_units u on u.run_id = r.id and u.kind = 'work'
     where r.id = ${runId}
     group by r.id`;
  const [tally] = z.array(Tally).parse(rows);
  if (!tally) return;
  const status = endStatus({
    unitsCompleted: tally.completed,
    unitsFailed: tally.failed,
    unitsCancelled: tally.cancelled,
    itemsProcessed: tally.items_processed,
    itemsFailed: tally.items_failed,
    cancelRequested: false,
    hold: tally.hold,
  });
  await endRun(ctx, runId, status, {
    reason: status === "skipped" ? "Nothing to do: nothing new was waiting" : undefined,
    errorClass: tally.first_error_class ?? undefined,
    errorMessage: describeFailure(tally),
  });
}

function describeFailure({ failed, completed, items_failed, items_processed, first_error }: z.infer<typeof Tally>): string | undefined {
  if (!first_error) return undefined;
  if (items_failed > 0) return `${items_failed} of ${items_failed + items_processed} items failed, the first with: ${first_error}`;
  return failed > 0 && failed + completed > 1 ? `${failed} of ${failed + completed} units failed, the first with: ${first_error}` : first_error;
}

/** Ends a run and lets begin, or skips, what waited for it. Does nothing when it had ended already. */
export async function endRun(ctx: Ctx, runId: number, status: RunStatus, change: StatusChange = {}): Promise<void> {
  const changed = await changeRunStatus(ctx, runId, status, change);
  if (changed) await failpoint("endRun.changed");
  if (!changed?.groupId) return;
  const waiting = await ctx.db.$queryRaw<{ id: bigint }[]>`
    select id from runs
     where group_id = ${changed.groupId} and status = 'pending' and ${runId} = any(waits_for)
     order by id`;
  for (const { id } of waiting) await decideWaiting(ctx, Number(id));
  await failpoint("endRun.followed");
}

const Upstream = z.object({ id: z.coerce.number(), stage: z.string(), status: z.string(), blocked: z.boolean() });

/** Begins a waiting run when all it needs has ended well, and skips it, with the reason, as soon as one has not. */
async function decideWaiting(ctx: Ctx, runId: number): Promise<void> {
  // Two upstream runs may end together: the lock makes the second see what the first did.
  await ctx.db.$executeRaw`select 1 from runs where id = ${runId} for no key update`;
  const rows = await ctx.db.$queryRaw`
    select up.id, up.stage, up.status::text, up.units_total = 0 and up.started_at is null as blocked
      from runs r
      join runs up on up.id = any(r.waits_for)
     where r.id = ${runId}
       and r.status = 'pending'
     order by up.id`;
  const upstream = z.array(Upstream).parse(rows);
  const broken = upstream.find((up) => isFinal(up.status as RunStatus) && !lifts(up.status as RunStatus, up.blocked));
  if (broken) {
    const verb = { failed: "failed", cancelled: "was cancelled", skipped: "was skipped" }[broken.status] ?? `ended ${broken.status}`;
    await endRun(ctx, runId, "skipped", { reason: `Stage ${broken.stage} (#${broken.id}) ${verb}, and this one needs it` });
  } else if (upstream.length > 0 && upstream.every((up) => isFinal(up.status as RunStatus))) {
    await beginRun(ctx, runId);
  }
}
