/** The prune that a worker does by itself, at night and one worker at a time. */
import { pruneAudit, verifyAudit } from "#lib/audit/mutations";
import type { Ctx } from "#lib/ctx";
import type { LockSession } from "#lib/engine/liveness";
import { DAY_MS } from "#lib/format/duration";
import { log } from "#lib/log";
import { prune } from "#lib/retention/mutations";
import { findLastPrune } from "#lib/retention/queries";
import { cutoffsOf, isNightlyDue, isNothing, type Keep, NIGHTLY } from "#lib/retention/rules";

/** Key of the advisory lock that says who prunes; the end of its session sets it free. No worker has the id 0. */
const NIGHTLY_LOCK = [7_331, 0] as const;

/** What retention keeps tonight: an admin may have changed it since the worker began. */
export type FindKeep = (ctx: Ctx) => Promise<Keep & { auditDays: number }>;

/** `startedAt` is when this worker did; `prunedAt` when it pruned last, which leaves no event when there was nothing to remove. */
export type Nightly = { findKeep: FindKeep; startedAt: Date; prunedAt: Date | null };

/** Prunes when it is due and nobody else does; says whether it did. Stopped by `signal`, it goes on another night. */
export async function pruneNightly(ctx: Ctx, session: LockSession, { findKeep, startedAt, prunedAt }: Nightly, signal: AbortSignal, now = new Date()): Promise<boolean> {
  const done = [await findLastPrune(ctx), prunedAt].flatMap((at) => (at ? [at.getTime()] : []));
  // Where nobody ever has, a worker does not begin at noon because it was just started.
  const since = done.length > 0 ? new Date(Math.max(...done)) : startedAt;
  if (signal.aborted || !isNightlyDue(since, now, now.getHours())) return false;
  const { rows } = await session.query("select pg_try_advisory_lock($1::int, $2::int) as locked", [...NIGHTLY_LOCK]);
  if (!rows[0]?.locked) return false;
  const nightly: Ctx = { ...ctx, actor: { kind: "worker", name: NIGHTLY } };
  try {
    const { auditDays, ...keep } = await findKeep(ctx);
    const counts = await prune(nightly, { cutoffs: cutoffsOf(keep, now), signal });
    if (!isNothing(counts)) log.info("Retention has removed what was old enough", { ...counts, ...keep });
    if (auditDays > 0) await pruneAudit(nightly, new Date(now.getTime() - auditDays * DAY_MS), signal);
    // It says itself when it does not hold, to the log and to the page.
    await verifyAudit(nightly, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
    return true;
  } finally {
    await session.query("select pg_advisory_unlock($1::int, $2::int) as locked", [...NIGHTLY_LOCK]);
  }
}
