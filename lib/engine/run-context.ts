/** What a unit is given to work with, and what each of its acts writes. */
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { inTransaction, type Ctx } from "#lib/ctx";
import { KEPT, sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import type { UnitKind } from "#lib/db/generated/enums";
import { messageOf } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { formatDuration } from "#lib/format/duration";
import { makeVeil } from "#lib/secrets";
import { timeMetric } from "#lib/metrics/recorder";
import { setAnnotation } from "#lib/annotations/mutations";
import { AnnotationKey, AnnotationValue } from "#lib/annotations/rules";
import { type Failure, FailureTally } from "#lib/error-groups/rules";
import { isDatabaseAway } from "./away.ts";
import { type ItemFailure, type Items, type Json, type LlmLimits, MAX_LOG_LINES, type OpenStep, type StepOptions, type StepOver, type SettleCtx, type UnitCtx } from "./define.ts";
import { type BudgetSpentError, makeLlm } from "./llm.ts";
import { isHeld, type Claim } from "./settle.ts";
import { beginStep, endStep, insertOver, type OverStep, readStoredSteps, recordStep, type StepRef, type StoredStep, SupersededError } from "./steps.ts";
import { triggerRun } from "./trigger.ts";

/** How often buffered items and log lines are written while a unit runs, in milliseconds. */
const FLUSH_MS = 500;
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

/** The context of one attempt of a unit. `flush` writes what is buffered; `pending` takes what the unit's end shall count. */
type Executing = { pipeline: string; stage: string; kind: UnitKind; /** Of its model calls. */ limits?: LlmLimits; /** Aborts the unit's signal. */ stop: (reason: BudgetSpentError) => void };

export async function makeUnitCtx(ctx: Ctx, claim: Claim, params: unknown, signal: AbortSignal, itemsTotal: number | null, { pipeline, stage, kind, limits = {}, stop }: Executing): Promise<UnitRun> {
  const { runId, seq, attempt } = claim;
  const stored = attempt > 1 ? await readStoredSteps(ctx, claim) : new Map<string, StoredStep>();
  const uses = new Map<string, number>();
  const nextKey = (name: string): string => {
    const nth = (uses.get(name) ?? 0) + 1;
    uses.set(name, nth);
    return `${name}#${nth}`;
  };
  const current = new AsyncLocalStorage<StepRef>();
  const opened = new WeakMap<OpenStep, StepRef>();
  const veil = makeVeil();
  const saidBy = (error: unknown): string => veil.text(messageOf(error));
  let buffer = { done: 0, failed: 0, total: itemsTotal, dirty: false };
  let firstFailure: { error: string; class: string } | undefined;
  const tally = new FailureTally();
  /** In which step an error came up: the innermost, which saw it first. */
  const failedIn = new WeakMap<object, { step: string; stepSeq: number }>();
  let lastReported: unknown;
  const count = (error: unknown) => tally.add({ ...(stepOf(error, failedIn) ?? { step: null, stepSeq: null }), errorClass: classOf(error), message: saidBy(error) });
  let lines: { level: string; line: string; at: Date }[] = [];
  let linesWritten = 0;

  const noteFailure = ({ item, error }: ItemFailure) => {
    const message = storable(veil.text(`${item}: ${messageOf(error)}`));
    firstFailure ??= { error: message, class: classOf(error) };
    count(error);
    lastReported = error;
    log(message, "error");
  };
  const log = (line: string, level: "info" | "warn" | "error" = "info") => {
    if (linesWritten + lines.length > MAX_LOG_LINES) return;
    const isLast = linesWritten + lines.length === MAX_LOG_LINES;
    lines.push({ level: isLast ? "warn" : level, line: isLast ? `Over ${MAX_LOG_LINES} lines; the rest is left out` 
      : veil.text(storable(line.slice(0, 2 * MAX_LINE_CHARS))).slice(0, MAX_LINE_CHARS), at: new Date() });
  };

  /** Why nobody knows what has been counted; then the unit must not end. */
  let lost: { error: unknown } | null = null;

  async function flushOnce(): Promise<void> {
    if (lost) throw lost.error;
    const batch = lines;
    const { done, failed, total, dirty } = buffer;
    lines = [];
    linesWritten += batch.length;
    buffer = { done: 0, failed: 0, total, dirty: false };
    let written = 0;
    try {
      if (batch.length > 0) await writeLines(batch);
      written = batch.length;
      if (dirty) await countItems(ctx, claim, { done, saved: 0, failed, total });
      // Who watches is told of lines alone, too.
      else if (batch.length > 0) await ctx.db.$queryRaw`select pg_notify('penstock', ${JSON.stringify({ run: runId })})::text`;
    } catch (error) {
      if (isDatabaseAway(error)) lost = { error };
      // The statement was refused, so it has done nothing: the next one takes it along.
      linesWritten -= batch.length - written;
      lines = [...batch.slice(written), ...lines];
      buffer = { done: buffer.done + done, failed: buffer.failed + failed, total: buffer.total ?? total, dirty: buffer.dirty || dirty };
      throw error;
    }
    if (dirty) await failpoint("items.counted", kind);
  }

  const writeLines = (batch: typeof lines) => ctx.db.$executeRaw`
    insert into run_logs (run_id, unit_seq, at, level, line)
    select u.run_id, u.seq, l.at, l.level, l.line
      from (select run_id, seq from run_units where ${isHeld(claim)} for no key update) u,
           rows from (jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as (at timestamptz, level text, line text)) with ordinality l (at, level, line, nth)
     order by l.nth`;

  let flushing: Promise<void> = Promise.resolve();
  /** One at a time: a unit that ended while one of them was still on its way would leave what that one counts behind. */
  function flush(): Promise<void> {
    const turn = flushing.then(flushOnce);
    flushing = turn.catch(() => {});
    return turn;
  }

  let isTimed = false;
  const timer = setInterval(() => {
    if (isTimed) return;
    isTimed = true;
    void flush().catch(() => {}).finally(() => { isTimed = false; });
  }, FLUSH_MS);

  async function write<T>(fn: (db: Ctx["db"], items: Items) => Promise<T>, over?: StepOver): Promise<T> {
    signal.throwIfAborted();
    const step: OverStep | null = over ? { ...over, name: veil.text(over.name), key: veil.text(nextKey(over.name)), input: veil.json(over.input), output: veil.json(over.output), status: "ok", parentSeq: current.getStore()?.seq ?? null } : null;
    let counted = { done: 0, failures: [] as ItemFailure[] };
    const value = await inTransaction(ctx, async (tx) => {
      // Begun anew with each try: one that lost a deadlock has counted nothing.
      counted = { done: 0, failures: [] };
      const held = await tx.db.$queryRaw<unknown[]>`${KEPT} select 1 from run_units where ${isHeld(claim)} for no key update`;
      if (held.length === 0) throw new SupersededError(claim);
      await failpoint("write.held", kind);
      const value = await fn(tx.db, {
        done: (n = 1) => { counted.done += n; },
        failed: (failure) => { counted.failures.push(failure); },
      });
      if (counted.done + counted.failures.length > 0 || step) {
        await countItems(tx, claim, { done: counted.done, saved: counted.done, failed: counted.failures.length, total: buffer.total }, step);
      }
      await failpoint("write.acted", kind);
      return value;
    });
    await failpoint("write.committed", kind);
    if (over) timeMetric("app_step_duration_seconds", { pipeline, stage }, over.durationMs / 1_000);
    counted.failures.forEach(noteFailure);
    return value;
  }

  async function step<T extends Json | void>(name: string, input: Json, fn: (signal: AbortSignal) => Promise<T>, options: StepOptions = {}): Promise<T> {
    signal.throwIfAborted();
    const key = veil.text(nextKey(name));
    const earlier = stored.get(key);
    // Stored by the same author's function as JSON; what it returned then is what it would return now.
    if (earlier) return earlier.output as T;

    const told = { name: veil.text(name), key, input: veil.json(input), parentSeq: current.getStore()?.seq ?? null };
    const begun = options.isBrief ? null : await beginStep(ctx, claim, told);
    await failpoint("step.begun", kind);
    const end = (ending: Omit<OverStep, keyof typeof told>) => (begun ? endStep(ctx, claim, begun.seq, ending).then(() => begun) : recordStep(ctx, claim, { ...told, ...ending }));
    const startedAt = performance.now();
    const timed = () => timeMetric("app_step_duration_seconds", { pipeline, stage }, (performance.now() - startedAt) / 1_000);
    try {
      const act = () => withinTime(name, signal, fn, options);
      const output = await (begun ? current.run(begun, act) : act()).finally(timed);
      await failpoint("step.acted", kind);
      await end({ status: "ok", output: veil.json(output), durationMs: performance.now() - startedAt });
      await failpoint("step.ended", kind);
      return output;
    } catch (error) {
      if (error instanceof SupersededError) throw error;
      const { seq: stepSeq } = await end({ status: "error", error: saidBy(error), errorClass: classOf(error), durationMs: performance.now() - startedAt });
      if (typeof error === "object" && error !== null && !failedIn.has(error)) failedIn.set(error, { step: name, stepSeq });
      throw error;
    }
  }

  async function begin(name: string, input: Json, parent?: OpenStep): Promise<OpenStep> {
    signal.throwIfAborted();
    const key = veil.text(nextKey(name));
    const earlier = stored.get(key);
    const begun = earlier ?? (await beginStep(ctx, claim, { name: veil.text(name), key, input: veil.json(input), parentSeq: (parent ? opened.get(parent) : current.getStore())?.seq ?? null }));
    const startedAt = performance.now();
    const open: OpenStep = {
      end: async ({ status, output, error, errorClass, durationMs = performance.now() - startedAt }) => {
        if (earlier) return;
        timeMetric("app_step_duration_seconds", { pipeline, stage }, durationMs / 1_000);
        await endStep(ctx, claim, begun.seq, { status, output: veil.json(output), error: error && veil.text(error), errorClass, durationMs });
      },
      blame: (error) => void failedIn.set(error, { step: name, stepSeq: begun.seq }),
    };
    opened.set(open, begun);
    return open;
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
      const key = veil.text(nextKey(name));
      if (stored.has(key)) return;
      const begun = await beginStep(ctx, claim, { name, key, input: null, parentSeq: current.getStore()?.seq ?? null });
      await endStep(ctx, claim, begun.seq, { status: "skip", output: { reason: veil.text(reason) }, durationMs: 0 });
    },
    begin,
    write,
    llm: makeLlm({ ctx, claim, pipeline, stage, limits, signal, stop, stepId: (step) => (step ? opened.get(step)?.id : current.getStore()?.id) ?? null }),
    annotate: async (key, value) => {
      const annotation = { runId, key: AnnotationKey.parse(key), value: AnnotationValue.parse(veil.json(value)) };
      await inTransaction(ctx, async (tx) => {
        const held = await tx.db.$queryRaw<unknown[]>`select 1 from run_units where ${isHeld(claim)} for no key update`;
        if (held.length === 0) throw new SupersededError(claim);
        await setAnnotation(tx, annotation);
      });
    },
    log,
    idempotencyKey: (name) => `${runId}:${seq}:${name}`,
    outcome: (action, options) => { outcome = { action, hold: options?.hold ?? false, skip: options?.skip ?? null }; },
    about: async (subjects) => {
      const rows = Object.entries(subjects).map(([key, value]) => ({ runId, key, value: storable(veil.text(value)).slice(0, 200) }));
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

/** How long a step may go on after its signal was aborted before it is waited for no longer, in milliseconds. */
const STEP_GRACE_MS = 2_000;

/** A step that took longer than it may. */
export class StepTimeout extends Error {
  constructor(step: string, timeoutMs: number) {
    super(`The step ${step} took longer than ${formatDuration(timeoutMs)}, its time limit`);
    this.name = "StepTimeout";
  }
}

/** `fn`, whose signal aborts with the unit's, or when its time is up. */
async function withinTime<T>(name: string, signal: AbortSignal, fn: (signal: AbortSignal) => Promise<T>, { timeoutMs }: StepOptions): Promise<T> {
  if (timeoutMs === undefined) return fn(signal);
  const timeout = new StepTimeout(name, timeoutMs);
  const timer = new AbortController();
  const own = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(async () => {
    own.abort(timeout);
    await sleep(STEP_GRACE_MS, undefined, { signal: timer.signal });
    throw timeout;
  });
  late.catch(() => {});
  try {
    return await Promise.race([fn(AbortSignal.any([signal, own.signal])), late]);
  } catch (error) {
    // Whatever it said when its signal aborted: this is why.
    throw own.signal.aborted && !signal.aborted ? timeout : error;
  } finally {
    timer.abort();
  }
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
 * Adds to the items of the unit and of its run in one statement, if the claim holds, and tells who watches. A total
 * that a unit comes to know while it works changes the run's by as much.
 * A unit that gets further is no poison, however often its worker is killed: its crashes start anew.
 */
async function countItems(ctx: Ctx, claim: Claim, n: { done: number; saved: number; failed: number; total: number | null }, step: OverStep | null = null): Promise<void> {
  await ctx.db.$queryRaw`${KEPT}
    with before as (
      select run_id, seq, coalesce(items_total, 0) as items_total from run_units where ${isHeld(claim)} for no key update
    ), counted as (
      update run_units u
         set items_done = items_done + ${n.done}, items_saved = items_saved + ${n.saved}, items_failed = items_failed + ${n.failed},
             items_total = coalesce(${n.total}::int, u.items_total),
             crashes = case when ${n.saved > 0} then 0 else crashes end
        from before
       where u.run_id = before.run_id and u.seq = before.seq
      returning u.run_id, u.items_total - before.items_total as more
    ), run as (
      update runs
         set items_processed = items_processed + ${n.done}, items_failed = runs.items_failed + ${n.failed},
             items_total = case when more is null then runs.items_total else coalesce(runs.items_total, 0) + more end,
             last_step_seq = last_step_seq + ${step ? 1 : 0}::int
        from counted
       where runs.id = counted.run_id
      returning id, last_step_seq
    ) ${step ? sql`, stepped as (${insertOver(claim, step)})` : sql``}
    select pg_notify('penstock', json_build_object('run', id)::text)::text from run`;
}
