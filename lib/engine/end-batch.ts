/**
 * The ends of units that succeeded and change nothing for their run but its count: those that end at a worker while another
 * such end is being written go together in the next statement, so that a run's row is not what its units wait for.
 */
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { KEPT, sql } from "#lib/db/client";
import { failpoint } from "#lib/failpoint";
import { unitLimit } from "#lib/stages/sql/control";
import { type Claim, endUnit, filled, FilledRow, SETTLE_WAVE, type UnitEnd } from "./settle.ts";
import { isLow, refillWindow } from "./window.ts";

/** More would keep the run's row for longer than others should wait. */
const AT_ONCE = 100;

type Waiting = { claim: Claim; end: UnitEnd; tell: PromiseWithResolvers<boolean> };
/** By the client that writes them, then by run. */
const waiting = new WeakMap<Ctx["db"], Map<number, Waiting[]>>();

/** Ends a working unit as `endUnit` does, and with the same answer. Not for callers in a transaction. */
export async function endWorkUnit(ctx: Ctx, claim: Claim, end: UnitEnd): Promise<boolean> {
  if (end.status !== "completed" || end.error !== undefined || (end.failed ?? 0) > 0 || (end.failures ?? []).length > 0) return endUnit(ctx, claim, end);
  // The statement is its own commit: whoever dies in it, or before it, has done nothing.
  await failpoint("endUnit.counted", "work");
  await failpoint("endUnit.followed", "work");
  const isEnded = await join(ctx, claim, end);
  if (!isEnded) return endUnit(ctx, claim, end);
  await failpoint("endUnit.committed", "work");
  return true;
}

function join(ctx: Ctx, claim: Claim, end: UnitEnd): Promise<boolean> {
  const runs = waiting.get(ctx.db) ?? new Map<number, Waiting[]>();
  waiting.set(ctx.db, runs);
  const tell = Promise.withResolvers<boolean>();
  const others = runs.get(claim.runId);
  if (others) {
    others.push({ claim, end, tell });
  } else {
    const first: Waiting[] = [{ claim, end, tell }];
    runs.set(claim.runId, first);
    void writeAll(ctx, claim.runId, first, runs);
  }
  return tell.promise;
}

/** Writes what waits, and what comes to wait meanwhile, until nothing does. */
async function writeAll(ctx: Ctx, runId: number, queue: Waiting[], runs: Map<number, Waiting[]>): Promise<void> {
  while (queue.length > 0) {
    const batch = queue.splice(0, AT_ONCE);
    // What went wrong is told by the end that each then tries of its own: one of them may be to blame.
    const { ended, isLow } = await endAtOnce(ctx, runId, batch).catch(() => NONE);
    for (const { claim, tell } of batch) tell.resolve(ended.has(claim.seq));
    // A window that is not filled now is filled by whoever ends the next unit, or by the sweeper.
    if (isLow) await refillWindow(ctx, runId).catch(() => {});
  }
  runs.delete(runId);
}

type AtOnce = { ended: Set<number>; /** Fewer units of the wave have jobs than should, and it has more. */ isLow: boolean };
const NONE: AtOnce = { ended: new Set(), isLow: false };
const Ended = FilledRow.extend({ seqs: z.array(z.number()), more: z.boolean() });

/**
 * One statement, so that nobody waits for this process while it holds the run's row. Units, then the run, are locked as
 * everywhere; all are left as they are when something would follow from their end: no unit of the run that has a job would be
 * left to see to what is next, or its stage has a limit, or it is to be cancelled.
 */
async function endAtOnce(ctx: Ctx, runId: number, batch: Waiting[]): Promise<AtOnce> {
  const given = batch.map(({ claim, end }) => ({ seq: claim.seq, attempt: claim.attempt, done: end.done ?? 0, output: end.output }));
  const rows = await ctx.db.$queryRaw`${KEPT}
    with locked as (
      select run_id, seq, attempt from run_units
       where run_id = ${runId}::bigint and seq = any(${given.map(({ seq }) => seq)}::int[]) and status = 'running' and kind = 'work' and items_failed = 0
       order by seq
         for no key update
    ), held as (
      select g.* from locked join jsonb_to_recordset(${JSON.stringify(given)}::jsonb) g (seq int, attempt int, done int, output jsonb) using (seq, attempt)
    ), run as (
      update runs r
         set items_processed = r.items_processed + n.done, units_done = r.units_done + n.units
        from (select count(*)::int as units, sum(done)::int as done from held) n
       where r.id = ${runId}::bigint and n.units > 0 and r.units_done + r.units_failed + n.units < r.queued_to and r.wave between 1 and ${SETTLE_WAVE - 1}::int
         and r.status = 'running' and r.cancel_requested_at is null and r.expired_at is null and ${unitLimit()} is null
      returning r.id, r.wave, ${filled()}
    ), ended as (
      update run_units u
         set status = 'completed', completed_at = clock_timestamp(), duration_ms = least(extract(epoch from clock_timestamp() - u.started_at) * 1000, 2147483647),
             (output, items_done) = (select held.output, u.items_done + held.done from held where held.seq = u.seq)
       where u.run_id = (select id from run) and u.seq = any(array(select seq from held))
      returning u.seq
    )
    select run.*, array(select seq from ended) as seqs, exists (select 1 from run_units u where u.run_id = run.id and u.seq = run."queuedTo" + 1 and u.wave = run.wave) as more from run`;
  const [run] = z.array(Ended).parse(rows);
  return { ended: new Set(run?.seqs), isLow: run !== undefined && run.more && isLow(run) };
}
