import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { recordRunEvent } from "#lib/runs/mutations";
import { type RunStatus, RUN_STATUSES } from "#lib/runs/rules";
import { advanceRun } from "./settle.ts";

export const CancelRunInput = z.strictObject({ runId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
export type CancelRunInput = z.infer<typeof CancelRunInput>;
export type CancelRunResult = { ok: true; status: RunStatus } | { ok: false; reason: "already_finished"; status: RunStatus };

const Marked = z.object({ status: z.enum(RUN_STATUSES), first: z.boolean() });

/**
 * Asks a run to stop: what waits is cancelled now, what runs gets its signal, and the run is `cancelled` when the last
 * of it has stopped. Asking twice is the same as once.
 *
 * Two transactions, so that locks are always taken in the order unit, run; the first alone is enough for the sweeper
 * to carry out the rest if we die between them.
 *
 * @throws AppError NOT_FOUND when no run has this id.
 */
export async function cancelRun(ctx: Ctx, { runId }: CancelRunInput): Promise<CancelRunResult> {
  allow(ctx, "runs.cancel");
  const marked = await inTransaction(ctx, async (tx) => {
    const rows = await tx.db.$queryRaw`
      with before as (select id, cancel_requested_at from runs where id = ${runId} and status in ('pending', 'running') for no key update)
      update runs set cancel_requested_at = coalesce(runs.cancel_requested_at, clock_timestamp())
        from before
       where runs.id = before.id
      returning runs.status::text, before.cancel_requested_at is null as first`;
    const [row] = z.array(Marked).parse(rows);
    if (row?.first) {
      await recordRunEvent(tx, runId, "run.cancel_requested");
      await audit(tx, { action: "run.cancel", object: `run/${runId}`, before: { status: row.status } });
    }
    await failpoint("cancel.marked");
    return row;
  });
  if (!marked) {
    const run = await ctx.db.run.findUnique({ where: { id: runId }, select: { status: true } });
    if (!run) throw new AppError("NOT_FOUND", `There is no run #${runId}.`);
    return { ok: false, reason: "already_finished", status: run.status };
  }
  await failpoint("cancel.committed");
  await carryOutCancel(ctx, runId);
  const run = await ctx.db.run.findUniqueOrThrow({ where: { id: runId }, select: { status: true } });
  return { ok: true, status: run.status };
}

/** The second half of cancelling: waiting units end now, workers are told, and a run with nothing running ends. */
export async function carryOutCancel(ctx: Ctx, runId: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`
      update run_units set status = 'cancelled', completed_at = clock_timestamp(), error = 'Cancelled before it began'
       where run_id = ${runId} and status = 'pending'`;
    await failpoint("cancel.unitsEnded");
    await tx.db.$queryRaw`select pg_notify('penstock_cancel', ${String(runId)})::text`;
    await advanceRun(tx, runId);
  });
  await failpoint("cancel.carriedOut");
}
