import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { toAppError } from "#lib/api/problem";
import { type Actor, inTransaction, type Ctx } from "#lib/ctx";
import { cancelRun } from "#lib/engine/cancel";
import { retryRun } from "#lib/engine/retry";
import { AppError } from "#lib/errors";
import { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { formatCount } from "#lib/format/number";
import type { RunStatus } from "#lib/runs/rules";
import { BULK_KINDS, BULK_WORDS, type BulkKind, type BulkStatus, DEFAULT_RATE, isOpen, MAX_BULK_RUNS, MAX_RATE } from "./fields.ts";
import { endOf, explainUnfit, unfitReason } from "./rules.ts";
import { fits, IS_HANDLED, matches } from "./sql/fit.ts";

/** The task of Graphile Worker that works through a set; its payload is `{ actionId }`. */
export const BULK_TASK = "bulk";

export const CreateBulkInput = z.strictObject({
  kind: z.enum(BULK_KINDS),
  /** Null: every run. */
  tree: z.nullable(FilterTree),
  /** Runs per second. */
  rate: z.coerce.number().int().min(1).max(MAX_RATE).default(DEFAULT_RATE),
  /** Refused when it would be done to more than were seen in the preview. */
  atMost: z.coerce.number().int().min(0).optional(),
});
export type CreateBulkInput = z.input<typeof CreateBulkInput>;

/**
 * Begins to act on every run that matches now. The set is frozen in the transaction that makes the job: what matches
 * later is not touched, what no longer fits when its turn comes is left out and says why. Runs that match and that the act
 * does not fit now are in the set as left out, as far as there is room.
 *
 * @throws AppError TOO_LARGE when more runs match than one go holds; CONFLICT when it fits none, or more than `atMost`.
 */
export async function createBulk(ctx: Ctx, input: CreateBulkInput): Promise<{ id: number; total: number }> {
  const { kind, tree, rate, atMost } = CreateBulkInput.parse(input);
  allow(ctx, kind === "cancel" ? "runs.cancel" : "runs.retry");
  const { actor } = ctx;
  const resolved = tree && resolveMe(tree, actor.name);
  return inTransaction(ctx, async (tx) => {
    const [made] = await tx.db.$queryRaw<{ id: bigint }[]>`
      insert into bulk_actions (kind, filter, query, actor, actor_kind, rate, total)
      values (${kind}::bulk_kind, ${resolved === null ? null : JSON.stringify(resolved)}::jsonb, ${printFilterParams(resolved).toString()}, ${actor.name}, ${actor.kind}, ${rate}::int, 0)
      returning id`;
    const id = Number(made?.id);
    const fitting = await tx.db.$executeRaw`
      insert into bulk_action_runs (action_id, position, run_id)
      select ${id}::bigint, row_number() over (order by found.id), found.id
        from (select r.id from runs r where ${fits(kind)} and ${matches(resolved)} order by r.id limit ${MAX_BULK_RUNS + 1}::int) found`;
    refuseUnless(kind, fitting, atMost);
    const left = await leaveOutUnfit(tx, id, kind, resolved, fitting);
    await tx.db.$executeRaw`update bulk_actions set total = ${fitting + left}::int, skipped = ${left}::int, left_out = ${left}::int where id = ${id}::bigint`;
    await enqueueBulk(tx, id);
    await audit(tx, { action: "bulk.create", object: `bulk/${id}`, after: { kind, filter: printFilterParams(resolved).toString(), runs: fitting } });
    return { id, total: fitting + left };
  });
}

function refuseUnless(kind: BulkKind, fitting: number, atMost: number | undefined): void {
  const { done } = BULK_WORDS[kind];
  if (fitting > MAX_BULK_RUNS) {
    throw new AppError("TOO_LARGE", `More than ${formatCount(MAX_BULK_RUNS)} runs match, which is as many as one go holds. Narrow the filter, by time for instance, and repeat it for the rest.`);
  }
  if (fitting === 0) throw new AppError("CONFLICT", `No run that matches can be ${done}: nothing was begun. The preview says why.`);
  if (atMost !== undefined && fitting > atMost) {
    throw new AppError("CONFLICT", `${formatCount(fitting)} runs can be ${done} by now, and you saw ${formatCount(atMost)}: nothing was begun. Look again, and confirm the new number.`, { details: { count: fitting } });
  }
}

/** Those that match and that the act does not fit, written down with the reason. Returns how many. */
async function leaveOutUnfit(tx: Ctx, id: number, kind: BulkKind, tree: ResolvedFilter | null, taken: number): Promise<number> {
  const unfit = await tx.db.$queryRaw<{ id: bigint; status: RunStatus; isHandled: boolean }[]>`
    select r.id, r.status, ${IS_HANDLED} as "isHandled" from runs r where not ${fits(kind)} and ${matches(tree)} order by r.id desc limit ${MAX_BULK_RUNS - taken}::int`;
  const reasons = unfit.flatMap(({ id: runId, status, isHandled }) => {
    const reason = unfitReason(kind, status, isHandled);
    return reason === null ? [] : [{ runId, message: explainUnfit(reason, status) }];
  });
  if (reasons.length === 0) return 0;
  return tx.db.$executeRaw`
    insert into bulk_action_runs (action_id, position, run_id, status, message, ended_at)
    select ${id}::bigint, ${taken}::int + row_number() over (order by run_id), run_id, 'skipped', message, clock_timestamp()
      from unnest(${reasons.map(({ runId }) => runId)}::bigint[], ${reasons.map(({ message }) => message)}::text[]) as unfit (run_id, message)
    on conflict do nothing`;
}

/** Makes the next batch of a set due in `waitMs`. One job a set: a second one takes the first one's place. */
export async function enqueueBulk(ctx: Ctx, id: number, waitMs = 0): Promise<void> {
  await ctx.db.$queryRaw`
    select (graphile_worker.add_job(${BULK_TASK}, json_build_object('actionId', ${id}::bigint), job_key := ${`bulk/${id}`},
                                    run_at := clock_timestamp() + ${waitMs}::float8 * interval '1 ms')).id`;
}

/** How long after its time a set counts as forgotten, in milliseconds: the worker that had its job is dead. */
const FORGOTTEN_MS = 3_000;

/** Makes a new job for each set whose last one died with its worker. Any number of workers may ask at once. */
export async function reviveBulks(ctx: Ctx): Promise<void> {
  const forgotten = await ctx.db.$queryRaw<{ id: bigint }[]>`
    select b.id from bulk_actions b
     where b.status in ('pending', 'running')
       and b.next_at < clock_timestamp() - ${FORGOTTEN_MS} * interval '1 ms'
       and not exists (select from graphile_worker.jobs j where j.key = 'bulk/' || b.id and j.locked_at is null and j.run_at > clock_timestamp() - ${FORGOTTEN_MS} * interval '1 ms')`;
  for (const { id } of forgotten) {
    // Told as seen, so that the workers that look next find nothing to do.
    const taken = await ctx.db.$executeRaw`
      update bulk_actions set next_at = clock_timestamp() where id = ${id} and status in ('pending', 'running') and next_at < clock_timestamp() - ${FORGOTTEN_MS} * interval '1 ms'`;
    if (taken > 0) await enqueueBulk(ctx, Number(id));
  }
}

export const AbortBulkInput = z.strictObject({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
export type AbortBulkInput = z.infer<typeof AbortBulkInput>;
export type AbortBulkResult = { ok: true } | { ok: false; reason: "already_ended"; status: BulkStatus };

/**
 * Stops acting: the run in hand is finished, no other is begun. What was done stays done, and the rest stays untouched.
 *
 * @throws AppError NOT_FOUND
 */
export async function abortBulk(ctx: Ctx, { id }: AbortBulkInput): Promise<AbortBulkResult> {
  allow(ctx, "runs.cancel");
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    const aborted = await db.$executeRaw`
      update bulk_actions
         set status = 'aborted', abort_requested_at = clock_timestamp(), aborted_by = ${actor.name}, completed_at = clock_timestamp()
       where id = ${id}::bigint and status in ('pending', 'running')`;
    if (aborted === 0) {
      const [found] = await db.$queryRaw<{ status: BulkStatus }[]>`select status from bulk_actions where id = ${id}::bigint`;
      if (!found) throw new AppError("NOT_FOUND", `There is no bulk action ${id}.`);
      if (isOpen(found.status)) throw new AppError("CONFLICT", `Bulk action ${id} changed at this very moment. Try again.`);
      return { ok: false, reason: "already_ended", status: found.status };
    }
    await audit(tx, { action: "bulk.abort", object: `bulk/${id}` });
    return { ok: true };
  });
}

/** `over`: nothing is left to do, now or ever; `waitMs` 0: go on at once. */
export type Turn = { over: true } | { over: false; waitMs: number };

type Open = { id: number; kind: BulkKind; rate: number; actor: Actor; waitMs: number };
type NextRun = { position: number; runId: number; status: RunStatus; isHandled: boolean };
type Result = { status: "ok" | "skipped" | "failed"; message?: string; newRunId?: number };

/** What a run that is busy is left alone for before it is tried again, in milliseconds. */
const BUSY_MS = 2_000;
/** The rate may be made up for after a pause as long as this, in milliseconds; what was missed before is not. */
const BURST_MS = 2_000;

/**
 * Acts on the next run of a set, if its time has come.
 *
 * A retry and its result are one transaction. A cancellation locks in another order (unit, then run), so it is begun,
 * done and recorded apart; one that was begun by a worker that died is done again, which changes nothing, and counts as
 * done by us when the run was asked to stop after we had begun.
 *
 * @param worker whoever holds the job; the act is in the name of the action's own actor
 */
export async function actOnNext(worker: Ctx, id: number): Promise<Turn> {
  let taken: { action: Open; next: NextRun } | undefined;
  try {
    const turn = await inTransaction(worker, async (tx) => {
      const action = await lockOpen(tx, id);
      if (!action) return { over: true } as const;
      if (action.waitMs > 0) return { over: false, waitMs: action.waitMs } as const;
      const next = await takeNext(tx, action);
      if ("over" in next) return next;
      taken = { action, next };
      const reason = unfitReason(action.kind, next.status, next.isHandled);
      // A cancellation that was begun before is asked again, below: its run may have ended by it.
      if (action.kind === "cancel") return null;
      if (reason !== null) await record(tx, id, next.position, { status: "skipped", message: explainUnfit(reason, next.status) });
      else await retryNext({ ...tx, actor: action.actor, isPart: true }, id, next);
      return { over: false, waitMs: 0 } as const;
    });
    if (turn !== null) return turn;
    if (taken) await cancelNext(worker, taken.action, taken.next);
  } catch (error) {
    // A database that is away says nothing about the run: the job is tried again.
    if (!taken || toAppError(error)?.code === "UNAVAILABLE") throw error;
    console.error(error);
    await record(worker, id, taken.next.position, { status: "failed", message: "Penstock met a fault of its own. The worker's log has the details." });
  }
  return { over: false, waitMs: 0 };
}

/** The action, locked against others and against being aborted, with what is left until its next run. Null when it is over. */
async function lockOpen({ db }: Ctx, id: number): Promise<Open | null> {
  const [row] = await db.$queryRaw<{ kind: BulkKind; rate: number; actor: string; actorKind: Actor["kind"]; waitMs: number }[]>`
    select b.kind, b.rate, b.actor, b.actor_kind as "actorKind", ceil(extract(epoch from b.next_at - clock_timestamp()) * 1000)::float8 as "waitMs"
      from bulk_actions b where b.id = ${id}::bigint and b.status in ('pending', 'running') for no key update`;
  return row ? { id, kind: row.kind, rate: row.rate, waitMs: row.waitMs, actor: actorFrom(row.actorKind, row.actor) } : null;
}

/** Whoever ordered the set, with the rights that it took: they were asked for when it was made. */
const actorFrom = (kind: Actor["kind"], name: string): Actor => (kind === "web" || kind === "api" ? { kind, name, may: new Set(["runs.retry", "runs.cancel"]) } : { kind, name });

/** The run whose turn it is, its act begun and the time of the next one set; otherwise how long to wait, or that it is over. */
async function takeNext({ db }: Ctx, { id, rate }: Open): Promise<NextRun | Turn> {
  const [found] = await db.$queryRaw<{ position: number; runId: bigint; status: RunStatus; isHandled: boolean; waitMs: number }[]>`
    select x.position, x.run_id as "runId", r.status, ${IS_HANDLED} as "isHandled", extract(epoch from x.due_at - clock_timestamp()) * 1000::float8 as "waitMs"
      from bulk_action_runs x join runs r on r.id = x.run_id
     where x.action_id = ${id}::bigint and x.status = 'pending'
     order by x.due_at, x.position limit 1`;
  if (!found) {
    const [{ done = 0, failed = 0 } = {}] = await db.$queryRaw<{ done: number; failed: number }[]>`select done, failed from bulk_actions where id = ${id}::bigint`;
    await db.$executeRaw`update bulk_actions set status = ${endOf({ done, failed })}::bulk_status, completed_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp()) where id = ${id}::bigint`;
    return { over: true };
  }
  if (found.waitMs > 0) return { over: false, waitMs: Math.ceil(found.waitMs) };
  await db.$executeRaw`update bulk_action_runs set begun_at = coalesce(begun_at, clock_timestamp()) where action_id = ${id}::bigint and position = ${found.position}::int`;
  await db.$executeRaw`
    update bulk_actions
       set status = 'running', started_at = coalesce(started_at, clock_timestamp()),
           next_at = greatest(next_at, clock_timestamp() - ${BURST_MS} * interval '1 ms') + interval '1 s' / ${rate}::float8
     where id = ${id}::bigint`;
  return { position: found.position, runId: Number(found.runId), status: found.status, isHandled: found.isHandled };
}

/** In the caller's transaction. What is busy is put off; what is refused for good has failed. */
async function retryNext(tx: Ctx, id: number, { position, runId }: NextRun): Promise<void> {
  try {
    const { runId: newRunId } = await retryRun(tx, { runId, idempotencyKey: `bulk/${id}/${runId}`, priority: "lowest" });
    await record(tx, id, position, { status: "ok", newRunId });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code !== "CONFLICT") return record(tx, id, position, { status: "failed", message: error.message });
    await tx.db.$executeRaw`
      update bulk_action_runs set due_at = clock_timestamp() + ${BUSY_MS} * interval '1 ms', message = ${`Waits: ${error.message}`}
       where action_id = ${id}::bigint and position = ${position}::int and status = 'pending'`;
  }
}

async function cancelNext(worker: Ctx, { id, actor }: Open, { position, runId }: NextRun): Promise<void> {
  const result = await cancelRun({ ...worker, actor, isPart: true }, { runId });
  const isOurs = result.ok || (result.status === "cancelled" && (await wasAskedSince(worker, id, position)));
  await record(worker, id, position, isOurs ? { status: "ok" } : { status: "skipped", message: explainUnfit("ended", result.status) });
}

/** Whether the run was asked to stop after we had begun to. */
async function wasAskedSince({ db }: Ctx, id: number, position: number): Promise<boolean> {
  const [found] = await db.$queryRaw<{ asked: boolean }[]>`
    select r.cancel_requested_at >= x.begun_at as asked from bulk_action_runs x join runs r on r.id = x.run_id where x.action_id = ${id}::bigint and x.position = ${position}::int`;
  return found?.asked === true;
}

/** Writes a run's result and counts it, once: whoever comes second changes nothing. Locks the action first, as all here do. */
async function record(ctx: Ctx, id: number, position: number, { status, message, newRunId }: Result): Promise<void> {
  await ctx.db.$executeRaw`
    with locked as (
      select b.id from bulk_actions b where b.id = ${id}::bigint for no key update
    ), ended as (
      update bulk_action_runs x
         set status = ${status}::bulk_result, message = ${message ?? null}, new_run_id = ${newRunId ?? null}::bigint, ended_at = clock_timestamp()
        from locked
       where x.action_id = locked.id and x.position = ${position}::int and x.status = 'pending'
      returning x.action_id
    )
    update bulk_actions b
       set done = b.done + ${status === "ok" ? 1 : 0}::int, skipped = b.skipped + ${status === "skipped" ? 1 : 0}::int, failed = b.failed + ${status === "failed" ? 1 : 0}::int
      from ended where b.id = ended.action_id`;
}
