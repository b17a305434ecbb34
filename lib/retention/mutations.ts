import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction, onCommit } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { recordRunEvent } from "#lib/runs/mutations";
import { foldRollups } from "#lib/stats/mutations";
import type { PruneCounts } from "./fields.ts";
import { addPruned, type Cutoffs, isNothing, noCounts } from "./rules.ts";
import { type After, BATCH_ROWS, nextBatch, type Pass } from "./sql/due.ts";

/** Says to the rule that model calls are append-only (migration llm_audit) that it is retention that removes them. True. */
const AS_RETENTION = sql`(select set_config('penstock.llm_calls', 'retention', true)) is not null`;

/** Between two batches half as long as one took, in these bounds, in milliseconds: others get a third of the time at least. */
const PAUSE_MS = { least: 5, most: 250 };
/** So many batches leave a few thousand deltas of statistics. */
const FOLD_EVERY = 20;

export type PruneOptions = { cutoffs: Cutoffs; signal?: AbortSignal; onProgress?: (counts: PruneCounts) => void };

/**
 * Deletes runs that ended before `cutoffs.runs` with all that belongs to them, then removes the payloads of those that ended
 * before `cutoffs.payloads`. Pinned and unfinished runs are not touched, nor what those still need.
 *
 * Batches of about `BATCH_ROWS` rows, a transaction each: killed or aborted anywhere, what is done is done, and the next prune
 * goes on. Statistics are exact at every moment. The first batch writes the act down; what was removed in all is told in the
 * activity, also when it was cut short.
 *
 * @returns what was removed before the end or the abort
 */
export async function prune(ctx: Ctx, { cutoffs, signal, onProgress }: PruneOptions): Promise<PruneCounts> {
  allow(ctx, "settings.change");
  let counts = noCounts();
  let isWritten = false;
  const before = { runsBefore: cutoffs.runs?.toISOString() ?? null, payloadsBefore: cutoffs.payloads?.toISOString() ?? null };
  const note: Note = {
    begin: async (tx) => {
      if (isWritten) return;
      await audit(tx, { action: "retention.prune", object: "runs", after: before });
      onCommit(tx, () => {
        isWritten = true;
      });
    },
    counts: (more) => {
      counts = addPruned(counts, more);
      onProgress?.(counts);
    },
  };
  try {
    if (cutoffs.runs) {
      await walk(ctx, "delete", cutoffs.runs, note, signal);
      await deleteOldEvents(ctx, cutoffs.runs, note, signal);
    }
    if (cutoffs.payloads) await walk(ctx, "strip", cutoffs.payloads, note, signal);
  } finally {
    if (!isNothing(counts)) await inTransaction(ctx, (tx) => tellPruned(tx, { ...counts, ...before }));
  }
  return counts;
}

/** `begin` writes the act down in the first transaction that removes something. */
type Note = { begin: (tx: Ctx) => Promise<void>; counts: (more: Partial<PruneCounts>) => void };
const Batch = z.array(z.object({ id: z.coerce.number(), ended: z.string(), rows: z.coerce.number() }));

async function walk(ctx: Ctx, pass: Pass, cutoff: Date, note: Note, signal?: AbortSignal): Promise<void> {
  let after: After | null = null;
  for (let batches = 1; !signal?.aborted; batches += 1) {
    const startedAt = performance.now();
    const from: After | null = after;
    const taken = await inTransaction(ctx, async (tx) => {
      const batch = Batch.parse(await tx.db.$queryRaw(nextBatch(pass, cutoff, from)));
      const [first] = batch;
      if (first) await note.begin(tx);
      // One that is too big for a transaction is taken apart first, and meets the next look empty.
      if (!first || first.rows > BATCH_ROWS) return { batch, big: first ?? null, counts: noCounts() };
      const ids = batch.map(({ id }) => id);
      const counts = pass === "delete" ? await deleteRuns(tx, ids) : await stripRuns(tx, ids);
      await failpoint("prune.batch");
      return { batch, big: null, counts };
    });
    await failpoint("prune.committed");
    const last = taken.batch.at(-1);
    if (!last) break;
    note.counts(taken.counts);
    if (taken.big) note.counts(await takeApart(ctx, pass, taken.big.id, signal));
    if (signal?.aborted) break;
    after = { completedAt: last.ended, id: last.id };
    if (taken.big) note.counts(await inTransaction(ctx, (tx) => finishBig(tx, pass, taken.big?.id ?? 0)));
    if (batches % FOLD_EVERY === 0) await foldRollups(ctx);
    await pause(startedAt);
  }
  if (pass === "delete") while (!signal?.aborted && (await foldRollups(ctx)) > 0);
}

const pause = (startedAt: number): Promise<void> => sleep(Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, (performance.now() - startedAt) / 2)));

/** Children first and by the set: the foreign keys then find nothing to look for one by one. */
async function deleteRuns(tx: Ctx, ids: number[]): Promise<PruneCounts> {
  const of = sql`run_id = any(${ids}::bigint[])`;
  const counts = {
    ...noCounts(),
    calls: await tx.db.$executeRaw`delete from llm_calls where ${of} and ${AS_RETENTION}`,
    logs: await tx.db.$executeRaw`delete from run_logs where ${of}`,
    steps: await tx.db.$executeRaw`delete from run_steps where ${of}`,
    events: await tx.db.$executeRaw`delete from run_events where ${of}`,
  };
  await tx.db.$executeRaw`delete from run_units where ${of}`;
  await tx.db.$executeRaw`delete from error_occurrences where ${of}`;
  const runs = await tx.db.$executeRaw`
    with gone as (
      delete from runs where id = any(${ids}::bigint[]) returning pipeline, status
    ), counted as (
      insert into pruned_runs as p (pipeline, status, runs)
      select pipeline, status, count(*) from gone group by 1, 2 order by 1, 2
      on conflict (pipeline, status) do update set runs = p.runs + excluded.runs
    )
    select 1 from gone`;
  return { ...counts, runs };
}

const HAS_IO = sql`(input_json is not null or output_json is not null)`;
const HAS_TEXT = sql`(system_prompt is not null or prompt is not null or response_raw is not null or response_parsed is not null)`;
const EMPTY_STEPS = sql`update run_steps set input_json = null, output_json = null`;
const EMPTY_CALLS = sql`update llm_calls set system_prompt = null, prompt = null, response_raw = null, response_parsed = null`;

async function stripRuns(tx: Ctx, ids: number[]): Promise<PruneCounts> {
  const of = sql`run_id = any(${ids}::bigint[])`;
  return {
    ...noCounts(),
    steps: await tx.db.$executeRaw`${EMPTY_STEPS} where ${of} and ${HAS_IO}`,
    calls: await tx.db.$executeRaw`${EMPTY_CALLS} where ${of} and ${HAS_TEXT} and ${AS_RETENTION}`,
    logs: await tx.db.$executeRaw`delete from run_logs where ${of}`,
    stripped: await tx.db.$executeRaw`update runs set pruned_at = clock_timestamp() where id = any(${ids}::bigint[])`,
  };
}

/** What a run may have thousands of, in pieces; each piece asks anew whether somebody has pinned the run meanwhile. */
async function takeApart(ctx: Ctx, pass: Pass, runId: number, signal?: AbortSignal): Promise<PruneCounts> {
  const pick = (table: Sql, condition: Sql) => sql`
    ctid = any(array(select ctid from ${table} where run_id = ${runId}::bigint and ${condition}
                        and exists (select 1 from runs where id = ${runId}::bigint and pinned_at is null and status not in ('pending', 'running'))
                      limit ${BATCH_ROWS}))`;
  const steps = sql`run_steps`;
  const calls = sql`llm_calls`;
  const all = sql`true`;
  const pieces: { field: "steps" | "calls" | "logs" | "events" | null; statement: Sql }[] = pass === "delete"
    ? [
        { field: "calls", statement: sql`delete from llm_calls where ${pick(calls, all)} and ${AS_RETENTION}` },
        { field: "logs", statement: sql`delete from run_logs where ${pick(sql`run_logs`, all)}` },
        { field: "steps", statement: sql`delete from run_steps where ${pick(steps, all)}` },
        { field: "events", statement: sql`delete from run_events where ${pick(sql`run_events`, all)}` },
        { field: null, statement: sql`delete from run_units where ${pick(sql`run_units`, all)}` },
      ]
    : [
        { field: "steps", statement: sql`${EMPTY_STEPS} where ${pick(steps, HAS_IO)}` },
        { field: "calls", statement: sql`${EMPTY_CALLS} where ${pick(calls, HAS_TEXT)} and ${AS_RETENTION}` },
        { field: "logs", statement: sql`delete from run_logs where ${pick(sql`run_logs`, all)}` },
      ];
  // Half of it may be gone for a while: the page shall say why.
  if (pass === "delete") await ctx.db.$executeRaw`update runs set pruned_at = coalesce(pruned_at, clock_timestamp()) where id = ${runId}::bigint and pinned_at is null`;
  let counts = noCounts();
  for (const { field, statement } of pieces) {
    for (let removed = BATCH_ROWS; removed > 0 && !signal?.aborted; ) {
      const startedAt = performance.now();
      removed = await ctx.db.$executeRaw`${statement}`;
      if (field) counts = addPruned(counts, { [field]: removed });
      if (removed > 0) await pause(startedAt);
    }
  }
  return counts;
}

/** The end of a run that was taken apart; nothing when it was pinned in the middle. */
async function finishBig(tx: Ctx, pass: Pass, runId: number): Promise<PruneCounts> {
  const held = await tx.db.$queryRaw<unknown[]>`select 1 from runs where id = ${runId}::bigint and pinned_at is null and status not in ('pending', 'running') for update`;
  if (held.length === 0) return noCounts();
  return pass === "delete" ? deleteRuns(tx, [runId]) : stripRuns(tx, [runId]);
}

/** Events of no run: imports, earlier prunes. */
async function deleteOldEvents(ctx: Ctx, cutoff: Date, note: Note, signal?: AbortSignal): Promise<void> {
  for (let events = BATCH_ROWS; events === BATCH_ROWS && !signal?.aborted; ) {
    events = await inTransaction(ctx, async (tx) => {
      const removed = await tx.db.$executeRaw`
        delete from run_events where id = any(array(
          select e.id from run_events e where e.run_id is null and e.at < ${cutoff.toISOString()}::timestamptz order by e.id limit ${BATCH_ROWS}))`;
      if (removed > 0) await note.begin(tx);
      return removed;
    });
    note.counts({ events });
  }
}

async function tellPruned(tx: Ctx, data: PruneCounts & { runsBefore: string | null; payloadsBefore: string | null }): Promise<void> {
  await tx.db.$queryRaw`
    with event as (
      insert into run_events (run_id, type, actor, data)
      values (null, 'retention.pruned', ${tx.actor.name}, ${JSON.stringify(data)}::jsonb)
      returning id
    )
    select pg_notify('penstock', json_build_object('import', id)::text)::text from event`;
}

export const PinRunInput = z.strictObject({ runId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER), pinned: z.boolean() });
export type PinRunInput = z.infer<typeof PinRunInput>;
/** `changed` is false when it was so already. */
export type PinRunResult = { runId: number; pinned: boolean; changed: boolean };

/**
 * Pins a run, so that retention leaves it and its payloads alone, or lets it go again. Of two that do so at once one changes it.
 *
 * @throws AppError NOT_FOUND when no run has this id.
 */
export async function pinRun(ctx: Ctx, { runId, pinned }: PinRunInput): Promise<PinRunResult> {
  allow(ctx, "stages.control");
  return inTransaction(ctx, async (tx) => {
    const changed = await tx.db.$executeRaw`
      update runs set pinned_at = ${pinned ? sql`clock_timestamp()` : sql`null`}, pinned_by = ${pinned ? ctx.actor.name : null}
       where id = ${runId}::bigint and (pinned_at is not null) <> ${pinned}`;
    if (changed > 0) {
      await recordRunEvent(tx, runId, pinned ? "run.pinned" : "run.unpinned");
      await audit(tx, { action: pinned ? "run.pin" : "run.unpin", object: `run/${runId}` });
      return { runId, pinned, changed: true };
    }
    const found = await tx.db.$queryRaw<unknown[]>`select 1 from runs where id = ${runId}::bigint`;
    if (found.length === 0) throw new AppError("NOT_FOUND", `There is no run #${runId}.`);
    return { runId, pinned, changed: false };
  });
}
