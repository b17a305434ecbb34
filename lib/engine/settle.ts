/** What happens when something ends: a unit, a wave, a run, and what waited for it. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { KEPT, sql } from "#lib/db/client";
import { recordFailures } from "#lib/error-groups/mutations";
import type { Failure } from "#lib/error-groups/rules";
import { failpoint } from "#lib/failpoint";
import { formatDuration } from "#lib/format/duration";
import { PIPELINES } from "#lib/pipelines/registry";
import { changeRunStatus, type StatusChange } from "#lib/runs/mutations";
import { endStatus, isFinal, lifts, type RunStatus, type UnitStatus } from "#lib/runs/rules";
import { unitLimit } from "#lib/stages/sql/control";
import type { Json } from "./define.ts";
import { takeUp } from "./gate.ts";
import { beginRun, enqueueUnit } from "./jobs.ts";
import { fillWindow, isLow, SLOTS } from "./window.ts";

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
  /** Of a planning: the last unit of the first wave, whose units now get their jobs. */
  opens?: number;
  /** What went wrong in it, for the error groups; a failed unit that does not say has failed with `error`. */
  failures?: Failure[];
};

/** The condition that a claim still holds: nobody repaired, cancelled or ended the unit meanwhile. */
export const isHeld = ({ runId, seq, attempt }: Claim) => sql`run_id = ${runId} and seq = ${seq} and attempt = ${attempt} and status = 'running'`;

/** How far a run's window (window.ts) is filled, of `runs r`. */
export const filled = () => sql`r.queued_to as "queuedTo", r.units_done + r.units_failed as ended, r.units_retrying as retrying, ${SLOTS} as slots, ${unitLimit()} as "limit"`;
export const FilledRow = z.object({ queuedTo: z.number(), ended: z.number(), retrying: z.number(), slots: z.number(), limit: z.number().nullable() });
const Ended = FilledRow.extend({ kind: z.enum(["plan", "work", "settle"]), pipeline: z.string(), stage: z.string(), cancel_requested: z.boolean(), expired: z.boolean() });

/**
 * Ends a unit in one transaction with all that follows from it: the next wave, or the end of the run and the
 * beginning of what waited for it. Locks the unit, then the run, the same order as every other write of the engine.
 *
 * A unit that came to its end with failed items and not one done has failed. `before` is the first to act in the transaction.
 * Returns false, having changed nothing itself, when the claim does not hold any more.
 */
export async function endUnit(ctx: Ctx, claim: Claim, end: UnitEnd, before?: (tx: Ctx) => Promise<void>): Promise<boolean> {
  const ended = await inTransaction(ctx, async (tx) => {
    await before?.(tx);
    const { done = 0, failed = 0 } = end;
    // A plan that did not come to its end is none: a retry of what failed must not take it for the whole.
    if (claim.seq === 0 && end.status !== "completed") await tx.db.$executeRaw`delete from run_units where run_id = ${claim.runId} and kind = 'work' and exists (select 1 from run_units where ${isHeld(claim)})`;
    const [unit] = z.array(Ended).parse(await tx.db.$queryRaw`${KEPT}
      with ended as (
        update run_units
           set status = case when ${end.status === "completed"} and items_failed + ${failed} > 0 and items_done + ${done} = 0 then 'failed' else ${end.status} end::unit_status,
               completed_at = clock_timestamp(),
               duration_ms = least(extract(epoch from clock_timestamp() - started_at) * 1000, 2147483647),
               output = ${end.output === undefined ? null : JSON.stringify(end.output)}::jsonb,
               error_class = ${end.errorClass ?? null}, error = coalesce(${end.error ?? null}, error),
               items_done = items_done + ${done}, items_failed = items_failed + ${failed}
         where ${isHeld(claim)}
        returning run_id, kind, status
      )
      update runs r
         set items_processed = items_processed + ${done}, items_failed = r.items_failed + ${failed},
             units_done   = units_done   + (ended.kind = 'work' and ended.status = 'completed')::int,
             units_failed = units_failed + (ended.kind = 'work' and ended.status = 'failed')::int
        from ended
       where r.id = ended.run_id
      returning ended.kind::text, r.pipeline, r.stage, r.cancel_requested_at is not null as cancel_requested, r.expired_at is not null as expired, ${filled()}`);
    if (!unit) return null;
    await failpoint("endUnit.counted", unit.kind);
    if (unit.kind !== "work" && end.status !== "completed" && !unit.cancel_requested) await endRun(tx, claim.runId, end.status, { errorClass: end.errorClass, errorMessage: end.error });
    else if (end.opens && !unit.cancel_requested && !unit.expired) await fillWindow(tx, claim.runId, unit, 1, end.opens);
    // Most ends change nothing for the run: enough units of its wave have their jobs already.
    else if (unit.kind !== "work" || unit.cancel_requested || unit.expired || isLow(unit)) await advanceRun(tx, claim.runId, true);
    if (unit.limit !== null) await takeUp(tx, unit);
    await recordFailures(tx, { runId: claim.runId, unitSeq: claim.seq, pipeline: unit.pipeline, stage: unit.stage }, end.failures ?? failureOf(end));
    await failpoint("endUnit.followed", unit.kind);
    return unit;
  });
  if (ended) await failpoint("endUnit.committed", ended.kind);
  return ended !== null;
}

/** What a unit failed with that nobody has told more of: its worker died, or it ended before it had begun. */
const failureOf = ({ status, error, errorClass }: UnitEnd): Failure[] =>
  status === "failed" && error !== undefined ? [{ step: null, stepSeq: null, errorClass: errorClass ?? "Error", message: error, count: 1 }] : [];

const Progress = FilledRow.extend({
  pipeline: z.string(),
  stage: z.string(),
  status: z.string(),
  cancel_requested: z.boolean(),
  expired: z.boolean(),
  wave: z.number(),
  /** The planning or settling unit has not ended. */
  framing: z.boolean(),
  wave_to: z.number(),
  next_wave: z.number().nullable(),
  next_wave_to: z.number().nullable(),
  last_seq: z.number(),
});

/** What `advanceRun` asks: a few probes, however many units the run has. */
export const progressOf = (runId: number) => sql`${KEPT}
  select r.pipeline, r.stage, r.status::text, r.cancel_requested_at is not null as cancel_requested, r.expired_at is not null as expired, r.wave, ${filled()},
         exists (select 1 from run_units u where u.run_id = r.id and u.wave = r.wave and r.wave in (0, ${SETTLE_WAVE}) and u.status in ('pending', 'running')) as framing,
         here.seq as wave_to, next.wave as next_wave, (select max(u.seq) from run_units u where u.run_id = r.id and u.wave = next.wave) as next_wave_to,
         (select max(u.seq) from run_units u where u.run_id = r.id) as last_seq
    from runs r
   cross join lateral (select max(u.seq) as seq from run_units u where u.run_id = r.id and u.wave = r.wave) here
    left join lateral (select u.wave from run_units u where u.run_id = r.id and u.seq = here.seq + 1 and u.kind = 'work') next on true
   where r.id = ${runId} and here.seq is not null`;

/**
 * Looks at a run after a change to its units and does what is due: nothing, or jobs for more units, while the wave is open;
 * else the next wave, the settling unit, or the end. The caller's transaction takes the lock on the run here, unless it
 * has it, so two units that end together look one after the other.
 *
 * Units are numbered in the order of their waves and none begins before its wave, so that the number of those that have
 * ended says whether a wave is over, however many there are.
 */
export async function advanceRun(ctx: Ctx, runId: number, isLocked = false): Promise<void> {
  if (!isLocked) await ctx.db.$executeRaw`select 1 from runs where id = ${runId} for no key update`;
  const [run] = z.array(Progress).parse(await ctx.db.$queryRaw(progressOf(runId)));
  // One that has not begun has no units, and can only be cancelled.
  if (!run) return endUnbegun(ctx, runId);
  if (isFinal(run.status as RunStatus)) return;

  if (run.cancel_requested || run.expired) {
    const [{ running } = { running: false }] = await ctx.db.$queryRaw<{ running: boolean }[]>`select exists (select 1 from run_units where run_id = ${runId} and status = 'running') as running`;
    if (running) return;
    await cancelPending(ctx, runId);
    await (run.cancel_requested ? endRun(ctx, runId, "cancelled", CANCELLED) : endRun(ctx, runId, "failed", await expiredChange(ctx, runId)));
    return;
  }
  if (run.framing) return;
  const isWorking = run.wave > 0 && run.wave < SETTLE_WAVE;
  if (isWorking && run.ended < run.wave_to) {
    if (isLow(run)) await fillWindow(ctx, runId, run, run.wave, run.wave_to);
    return;
  }
  if (run.next_wave !== null && run.next_wave_to !== null) {
    await fillWindow(ctx, runId, run, run.next_wave, run.next_wave_to);
    await failpoint("advance.wave");
    return;
  }
  // Where nobody knows the stage any more (liveness.ts asks only then), nothing can settle, and what was done still counts.
  const stage = PIPELINES.find(({ name }) => name === run.pipeline)?.stages.find(({ name }) => name === run.stage);
  if (stage?.settle && run.last_seq > 0 && run.wave < SETTLE_WAVE) {
    const seq = run.last_seq + 1;
    await ctx.db.runUnit.create({ data: { runId, seq, kind: "settle", name: "settle", wave: SETTLE_WAVE }, select: { seq: true } });
    await ctx.db.$executeRaw`update runs set wave = ${SETTLE_WAVE} where id = ${runId}`;
    await enqueueUnit(ctx, runId, seq);
    await failpoint("advance.settle");
    return;
  }
  await endByTally(ctx, runId);
}

/** What a run that was over its time ends with. */
async function expiredChange(ctx: Ctx, runId: number): Promise<StatusChange> {
  const [run] = await ctx.db.$queryRaw<{ ms: number }[]>`select (config_snapshot #>> '{timeouts,runMs}')::float8 as ms from runs where id = ${runId}`;
  return { errorClass: "RunTimeout", errorMessage: `The run took longer than ${formatDuration(run?.ms ?? 0)}, its time limit` };
}

/**
 * Ends units that were planned, or handed back, after the request to cancel had ended those that waited. What somebody else
 * has locked is left to them: they lock units before the run, which we hold.
 */
async function cancelPending(ctx: Ctx, runId: number): Promise<void> {
  await ctx.db.$executeRaw`
    update run_units set status = 'cancelled', completed_at = clock_timestamp(), error = 'Cancelled before it began'
     where run_id = ${runId}
       and seq = any(array(select seq from run_units where run_id = ${runId} and status = 'pending' for no key update skip locked))`;
}

const CANCELLED: StatusChange = { reason: "Cancelled on request" };

async function endUnbegun(ctx: Ctx, runId: number): Promise<void> {
  const rows = await ctx.db.$queryRaw<unknown[]>`select 1 from runs where id = ${runId} and cancel_requested_at is not null and status = 'pending'`;
  if (rows.length > 0) await endRun(ctx, runId, "cancelled", CANCELLED);
}

/** The settling unit's wave: after every other. */
export const SETTLE_WAVE = 1_000_000_000;

const Tally = z.object({
  completed: z.coerce.number(),
  failed: z.coerce.number(),
  cancelled: z.coerce.number(),
  items_processed: z.number(),
  items_failed: z.number(),
  hold: z.boolean(),
  skip: z.boolean(),
  reason: z.string().nullable(),
  first_error: z.string().nullable(),
  first_error_class: z.string().nullable(),
});

async function endByTally(ctx: Ctx, runId: number): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    select count(*) filter (where u.status = 'completed') as completed,
           count(*) filter (where u.status = 'failed') as failed,
           count(*) filter (where u.status = 'cancelled') as cancelled,
           r.items_processed, r.items_failed, r.hold, r.skip, r.reason,
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
    skip: tally.skip,
  });
  await endRun(ctx, runId, status, {
    reason: status === "skipped" && !tally.reason ? "Nothing to do: nothing new was waiting" : undefined,
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
  if (!changed) return;
  await failpoint("endRun.changed");
  if (changed.groupId !== null) {
    const waiting = await ctx.db.$queryRaw<{ id: bigint }[]>`
      select id from runs
       where group_id = ${changed.groupId} and status = 'pending' and ${runId} = any(waits_for)
       order by id`;
    for (const { id } of waiting) await decideWaiting(ctx, Number(id));
    await failpoint("endRun.followed");
  }
  if (changed.exclusiveKey !== null && !changed.inLine) await callNext(ctx, changed.exclusiveKey);
}

/** How often the first in line may turn out to have been cancelled at this very moment before the sweeper is left to it. */
const CALLS = 5;

/** Takes the first run in line for a key out of it, and begins it if nothing else is in its way. Whoever calls has seen the key free. */
export async function callNext(ctx: Ctx, exclusiveKey: string): Promise<void> {
  for (let call = 0; call < CALLS; call += 1) {
    const [next] = await ctx.db.$queryRaw<{ id: bigint; called: boolean }[]>`
      with first as (
        select id from runs where exclusive_key = ${exclusiveKey} and status = 'pending' and in_line order by id limit 1
      ), called as (
        update runs r set in_line = false from first where r.id = first.id and r.status = 'pending' and r.in_line
        returning r.id
      )
      select first.id, exists (select 1 from called) as called from first`;
    if (!next) return;
    if (!next.called) continue;
    return decideWaiting(ctx, Number(next.id));
  }
}

const Upstream = z.object({ id: z.coerce.number().nullable(), stage: z.string().nullable(), status: z.string().nullable(), blocked: z.boolean().nullable(), in_line: z.boolean(), begun: z.boolean() });

/** Begins a waiting run when all it needs has ended well and it stands in no line, and skips it, with the reason, as soon as one has not. */
export async function decideWaiting(ctx: Ctx, runId: number): Promise<void> {
  // Two upstream runs may end together: the lock makes the second see what the first did.
  await ctx.db.$executeRaw`select 1 from runs where id = ${runId} for no key update`;
  const rows = await ctx.db.$queryRaw`
    select up.id, up.stage, up.status::text, up.units_total = 0 and up.started_at is null as blocked, r.in_line, exists (select 1 from run_units u where u.run_id = r.id and u.seq = 0) as begun
      from runs r
      left join runs up on up.id = any(r.waits_for)
     where r.id = ${runId}
       and r.status = 'pending'
     order by up.id`;
  const [run, ...others] = z.array(Upstream).parse(rows);
  if (!run || run.begun) return;
  const upstream = [run, ...others].filter(({ id }) => id !== null);
  const broken = upstream.find((up) => isFinal(up.status as RunStatus) && !lifts(up.status as RunStatus, up.blocked === true));
  if (broken) {
    const verb = { failed: "failed", cancelled: "was cancelled", skipped: "was skipped" }[broken.status ?? ""] ?? `ended ${broken.status}`;
    await endRun(ctx, runId, "skipped", { reason: `Stage ${broken.stage} (#${broken.id}) ${verb}, and this one needs it` });
  } else if (!run.in_line && upstream.every((up) => isFinal(up.status as RunStatus))) {
    await beginRun(ctx, runId);
  }
}
