/** What a unit is given to work with, and what each of its acts writes. */
import { AsyncLocalStorage } from "node:async_hooks";
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { storable } from "#lib/db/storable";
import { messageOf } from "#lib/errors";
import { timeMetric } from "#lib/metrics/recorder";
import { type Failure, FailureTally } from "#lib/error-groups/rules";
import type { ItemFailure, Items, Json, LlmLimits, SettleCtx, UnitCtx } from "./define.ts";
import { type BudgetSpentError, makeLlm } from "./llm.ts";
import { isHeld, type Claim } from "./settle.ts";
import { triggerRun } from "./trigger.ts";

/** Thrown by every write of an attempt that no longer owns its unit. It ends the attempt and changes nothing. */
export class SupersededError extends Error {
  constructor({ runId, seq, attempt }: Claim) {
    super(`Attempt ${attempt} of unit ${seq} of run #${runId} was given to another worker`);
    this.name = "SupersededError";
  }
}

/** How often buffered items and log lines are written while a unit runs, in milliseconds. */
const FLUSH_MS = 500;
/** Log lines kept per unit; past it one last line says so. */
const MAX_LOG_LINES = 2_000;
const MAX_LINE_CHARS = 4_000;

export const classOf = (error: unknown): string => (error instanceof Error ? error.name : "Error");

export type UnitRun = {
  ctx: UnitCtx<unknown> & SettleCtx<unknown>;
  flush(): Promise<void>;
  pending(): { done: number; failed: number; firstError?: string; firstErrorClass?: string };
  /** Items that failed, alike ones together, and what ended the unit unless the last item had failed with that very error. */
  failures(end?: { thrown: unknown }): Failure[];
  dispose(): void;
};

type StoredStep = { output: Json | null };

/** The context of one attempt of a unit. `flush` writes what is buffered; `pending` takes what the unit's end shall count. */
export async function makeUnitCtx(
  ctx: Ctx,
  claim: Claim,
  params: unknown,
  signal: AbortSignal,
  itemsTotal: number | null,
  { pipeline, stage, limits = {}, stop }: { pipeline: string; stage: string; /** Of its model calls. */ limits?: LlmLimits; stop: (reason: BudgetSpentError) => void },
): Promise<UnitRun> {
  const { runId, seq, attempt } = claim;
  const stored = attempt > 1 ? await readStoredSteps(ctx, claim) : new Map<string, StoredStep>();
  const uses = new Map<string, number>();
  const current = new AsyncLocalStorage<{ seq: number; id: number }>();
  let buffer = { done: 0, failed: 0, total: itemsTotal, dirty: false };
  let firstFailure: { error: string; class: string } | undefined;
  const tally = new FailureTally();
  /** In which step an error came up: the innermost, which saw it first. */
  const failedIn = new WeakMap<object, { step: string; stepSeq: number }>();
  let lastReported: unknown;
  const count = (error: unknown) => tally.add({ ...(stepOf(error, failedIn) ?? { step: null, stepSeq: null }), errorClass: classOf(error), message: messageOf(error) });
  let lines: { level: string; line: string; at: Date }[] = [];
  let linesWritten = 0;

  const noteFailure = ({ item, error }: ItemFailure) => {
    const message = storable(`${item}: ${messageOf(error)}`);
    firstFailure ??= { error: message, class: classOf(error) };
    count(error);
    lastReported = error;
    log(message, "error");
  };
  const log = (line: string, level: "info" | "warn" | "error" = "info") => {
    if (linesWritten + lines.length > MAX_LOG_LINES) return;
    const isLast = linesWritten + lines.length === MAX_LOG_LINES;
    lines.push({ level: isLast ? "warn" : level, line: isLast ? `Over ${MAX_LOG_LINES} lines; the rest is left out` : storable(line).slice(0, MAX_LINE_CHARS), at: new Date() });
  };

  async function flush(): Promise<void> {
    if (lines.length > 0) {
      const batch = lines;
      lines = [];
      linesWritten += batch.length;
      await ctx.db.runLog.createMany({ data: batch.map((entry) => ({ runId, unitSeq: seq, ...entry })) });
    }
    if (!buffer.dirty) return;
    const { done, failed, total } = buffer;
    buffer = { done: 0, failed: 0, total, dirty: false };
    await countItems(ctx, claim, { done, saved: 0, failed, total });
  }

  const timer = setInterval(() => void flush().catch(() => {}), FLUSH_MS);

  async function write<T>(fn: (db: Ctx["db"], items: Items) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let counted = { done: 0, failures: [] as ItemFailure[] };
    const value = await inTransaction(ctx, async (tx) => {
      // Begun anew with each try: one that lost a deadlock has counted nothing.
      counted = { done: 0, failures: [] };
      const held = await tx.db.$queryRaw<unknown[]>`select 1 from run_units where ${isHeld(claim)} for no key update`;
      if (held.length === 0) throw new SupersededError(claim);
      const value = await fn(tx.db, {
        done: (n = 1) => { counted.done += n; },
        failed: (failure) => { counted.failures.push(failure); },
      });
      if (counted.done + counted.failures.length > 0) {
        await countItems(tx, claim, { done: counted.done, saved: counted.done, failed: counted.failures.length, total: buffer.total });
      }
      return value;
    });
    counted.failures.forEach(noteFailure);
    return value;
  }

  async function step<T extends Json | void>(name: string, input: Json, fn: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const nth = (uses.get(name) ?? 0) + 1;
    uses.set(name, nth);
    const key = `${name}#${nth}`;
    const earlier = stored.get(key);
    // Stored by the same author's function as JSON; what it returned then is what it would return now.
    if (earlier) return earlier.output as T;

    const begun = await beginStep(ctx, claim, { name, key, input, parentSeq: current.getStore()?.seq ?? null });
    const startedAt = performance.now();
    const timed = () => timeMetric("app_step_duration_seconds", { pipeline, stage }, (performance.now() - startedAt) / 1_000);
    try {
      const output = await current.run(begun, fn).finally(timed);
      await endStep(ctx, claim, begun.seq, { status: "ok", output, durationMs: performance.now() - startedAt });
      return output;
    } catch (error) {
      if (typeof error === "object" && error !== null && !failedIn.has(error)) failedIn.set(error, { step: name, stepSeq: begun.seq });
      if (!(error instanceof SupersededError)) {
        await endStep(ctx, claim, begun.seq, { status: "error", error: messageOf(error), errorClass: classOf(error), durationMs: performance.now() - startedAt });
      }
      throw error;
    }
  }

  const unitCtx: UnitRun["ctx"] = {
    runId,
    unitSeq: seq,
    attempt,
    params,
    db: ctx.db,
    signal,
    items: {
      done: (n = 1) => { buffer.done += n; buffer.dirty = true; },
      failed: (failure) => { buffer.failed += 1; buffer.dirty = true; noteFailure(failure); },
      total: (n) => { buffer.total = n; buffer.dirty = true; },
    },
    step,
    skip: async (name, reason) => {
      const nth = (uses.get(name) ?? 0) + 1;
      uses.set(name, nth);
      if (stored.has(`${name}#${nth}`)) return;
      const begun = await beginStep(ctx, claim, { name, key: `${name}#${nth}`, input: null, parentSeq: current.getStore()?.seq ?? null });
      await endStep(ctx, claim, begun.seq, { status: "skip", output: { reason }, durationMs: 0 });
    },
    write,
    llm: makeLlm({ ctx, claim, pipeline, stage, limits, signal, stop, stepId: () => current.getStore()?.id ?? null }),
    log,
    idempotencyKey: (name) => `${runId}:${seq}:${name}`,
    outcome: (action, options) => { outcome = { action, hold: options?.hold ?? false, skip: options?.skip ?? null }; },
    about: async (subjects) => {
      const rows = Object.entries(subjects).map(([key, value]) => ({ runId, key, value: storable(value).slice(0, 200) }));
      await write((db) => db.runSubject.createMany({ data: rows, skipDuplicates: true }));
    },
    trigger: async (stageName, given, key) => {
      signal.throwIfAborted();
      const { runId: made } = await triggerRun(ctx, { pipeline, stage: stageName, params: given, idempotencyKey: `${runId}:${seq}:trigger:${key}` });
      return { runId: made };
    },
  };
  let outcome: { action: string; hold: boolean; skip: string | null } | null = null;

  return {
    ctx: unitCtx,
    flush: async () => {
      await flush();
      if (outcome) await ctx.db.$executeRaw`update runs set outcome = ${outcome.action}, hold = ${outcome.hold}, skip = ${outcome.skip !== null}, reason = coalesce(${outcome.skip}, reason) where id = ${runId} and exists (select 1 from run_units where ${isHeld(claim)})`;
    },
    pending: () => {
      const taken = { done: buffer.done, failed: buffer.failed, firstError: firstFailure?.error, firstErrorClass: firstFailure?.class };
      buffer = { ...buffer, done: 0, failed: 0, dirty: false };
      return taken;
    },
    failures: (end) => {
      if (end && end.thrown !== lastReported) count(end.thrown);
      return tally.list();
    },
    dispose: () => clearInterval(timer),
  };
}

/** The step in which an error, or what it wraps, came up. */
function stepOf(error: unknown, failedIn: WeakMap<object, { step: string; stepSeq: number }>): { step: string; stepSeq: number } | undefined {
  let cause = error;
  for (let depth = 0; depth < 5 && typeof cause === "object" && cause !== null; depth += 1) {
    const found = failedIn.get(cause);
    if (found) return found;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return undefined;
}

/**
 * Adds to the items of the unit and of its run in one statement, if the claim holds, and tells who watches.
 * A unit that gets further is no poison, however often its worker is killed: its crashes start anew.
 */
async function countItems(ctx: Ctx, claim: Claim, n: { done: number; saved: number; failed: number; total: number | null }): Promise<void> {
  await ctx.db.$queryRaw`
    with counted as (
      update run_units
         set items_done = items_done + ${n.done}, items_saved = items_saved + ${n.saved}, items_failed = items_failed + ${n.failed},
             items_total = coalesce(${n.total}::int, items_total),
             crashes = case when ${n.saved > 0} then 0 else crashes end
       where ${isHeld(claim)}
      returning run_id
    ), run as (
      update runs
         set items_processed = items_processed + ${n.done}, items_failed = runs.items_failed + ${n.failed}
        from counted
       where runs.id = counted.run_id
      returning id
    )
    select pg_notify('penstock', json_build_object('run', id)::text)::text from run`;
}

const Begun = z.object({ seq: z.number(), id: z.coerce.number() });

/** Writes the step before its act begins, as an error without an end: what remains if the process dies in it. */
async function beginStep(ctx: Ctx, claim: Claim, step: { name: string; key: string; input: Json; parentSeq: number | null }): Promise<z.infer<typeof Begun>> {
  const rows = await ctx.db.$queryRaw`
    with run as (
      update runs set last_step_seq = last_step_seq + 1
       where id = ${claim.runId} and exists (select 1 from run_units where ${isHeld(claim)})
      returning last_step_seq
    )
    insert into run_steps (run_id, seq, unit_seq, parent_seq, attempt, step_name, step_key, input_json)
    select ${claim.runId}, last_step_seq, ${claim.seq}, ${step.parentSeq}::int, ${claim.attempt}, left(${step.name}, 100), ${step.key},
           ${step.input === null ? null : JSON.stringify(step.input)}
      from run
    returning seq, id`;
  const [begun] = z.array(Begun).parse(rows);
  if (!begun) throw new SupersededError(claim);
  return begun;
}

async function endStep(ctx: Ctx, claim: Claim, stepSeq: number, end: { status: "ok" | "skip" | "error"; output?: Json | void; error?: string; errorClass?: string; durationMs: number }): Promise<void> {
  const ended = await ctx.db.$executeRaw`
    update run_steps
       set status = ${end.status}::step_status, output_json = ${end.output === undefined ? null : JSON.stringify(end.output)},
           error = ${end.error === undefined ? null : storable(end.error)}, error_class = ${end.errorClass ?? null},
           duration_ms = ${Math.round(end.durationMs)}, completed_at = clock_timestamp()
     where run_id = ${claim.runId} and seq = ${stepSeq}
       and exists (select 1 from run_units where ${isHeld(claim)})`;
  if (ended === 0) throw new SupersededError(claim);
}

async function readStoredSteps(ctx: Ctx, claim: Claim): Promise<Map<string, StoredStep>> {
  const rows = await ctx.db.runStep.findMany({
    where: { runId: claim.runId, unitSeq: claim.seq, status: { in: ["ok", "skip"] } },
    select: { stepKey: true, outputJson: true },
  });
  return new Map(rows.map((row) => [row.stepKey, { output: row.outputJson === null ? null : JSON.parse(row.outputJson) }]));
}
