import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { AppError } from "#lib/errors";

export const DrainWorkerInput = z.strictObject({ workerId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
export type DrainWorkerInput = z.infer<typeof DrainWorkerInput>;
export type DrainWorkerResult = { ok: true; workerId: number; /** Units that it still finishes. */ holds: number } | { ok: false; reason: "already_stopped"; workerId: number; stopReason: string | null };

/**
 * Asks a worker to take nothing new, finish what it holds and end. It hears of it with its next heartbeat, within a second
 * or two. Asking twice is the same as once.
 *
 * @throws AppError NOT_FOUND when no worker has this id.
 */
export async function drainWorker(ctx: Ctx, { workerId }: DrainWorkerInput): Promise<DrainWorkerResult> {
  allow(ctx, "workers.drain");
  const asked = await inTransaction(ctx, async (tx) => {
    const [row] = await tx.db.$queryRaw<{ holds: number; first: boolean }[]>`
      with before as (select id, drain_requested_at from workers where id = ${workerId}::bigint and stopped_at is null for update)
      update workers w
         set drain_requested_at = coalesce(w.drain_requested_at, clock_timestamp()), drain_requested_by = coalesce(w.drain_requested_by, ${tx.actor.name})
        from before
       where w.id = before.id
      returning (select count(*)::int from run_units u where u.worker_id = w.id and u.status = 'running') as holds, before.drain_requested_at is null as first`;
    if (row?.first) await audit(tx, { action: "worker.drain", object: `worker/${workerId}` });
    return row;
  });
  if (asked) return { ok: true, workerId, holds: asked.holds };
  const [stopped] = await ctx.db.$queryRaw<{ stopReason: string | null }[]>`select stop_reason as "stopReason" from workers where id = ${workerId}::bigint`;
  if (!stopped) throw new AppError("NOT_FOUND", `There is no worker ${workerId}. ./penstock workers ls lists them.`);
  return { ok: false, reason: "already_stopped", workerId, stopReason: stopped.stopReason };
}
