import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, join, KEPT, type Sql, sql } from "#lib/db/client";
import type { StepStatus, UnitKind, UnitStatus } from "#lib/db/generated/enums";
import { AppError } from "#lib/errors";
import { maskJsonText } from "#lib/format/mask";
import type { RunStatus } from "#lib/runs/rules";
import { parseStepColumns, type StepColumns, stepColumns } from "#lib/trace/sql/step-columns";
import type { Trace, TraceUnit } from "#lib/trace/rules";

/** A page of something inside a run: `after` is the last number seen. */
export type Within = { after?: number; limit?: number };
const WITHIN_LIMIT = 200;
const WITHIN_MAX = 1_000;

export type UnitRow = {
  seq: number;
  kind: UnitKind;
  wave: number;
  name: string;
  status: UnitStatus;
  attempt: number;
  /** How often a worker died while it held this unit. */
  crashes: number;
  /** Attempts that failed and were followed by another. */
  failures: number;
  /** When it is tried again; null when it does not wait for that. */
  retryAt: Date | null;
  workerId: number | null;
  itemsDone: number;
  itemsFailed: number;
  itemsTotal: number | null;
  error: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
  durationMs: number | null;
};

/** The units of a run in order; `next` goes into `after`. A run that does not exist has none. */
export async function listUnits(ctx: Ctx, runId: number, within: Within = {}): Promise<{ rows: UnitRow[]; next: number | null }> {
  allow(ctx, "runs.read");
  const limit = withinLimit(within);
  const found = await ctx.db.$queryRaw<(Omit<UnitRow, "workerId"> & { workerId: bigint | null })[]>`
    select u.seq, u.kind, u.wave, u.name, u.status, u.attempt, u.crashes, u.failures, case when u.status = 'pending' then u.retry_at end as "retryAt", u.worker_id as "workerId",
           u.items_done as "itemsDone", u.items_failed as "itemsFailed", u.items_total as "itemsTotal",
           u.error, u.started_at as "startedAt", u.completed_at as "completedAt", u.duration_ms as "durationMs"
      from run_units u
     where u.run_id = ${runId}::bigint and u.seq > ${within.after ?? -1}::bigint
     order by u.seq
     limit ${limit + 1}::int`;
  const rows = found.map((unit) => ({ ...unit, workerId: unit.workerId === null ? null : Number(unit.workerId) }));
  return pageOf(rows, limit, (unit) => unit.seq);
}

export type StepRow = {
  seq: number;
  unitSeq: number | null;
  parentSeq: number | null;
  attempt: number;
  stepName: string;
  status: StepStatus;
  error: string | null;
  errorClass: string | null;
  durationMs: number;
  startedAt: Date;
  /** Null while the step is going on, and for ever when its worker died in it. */
  completedAt: Date | null;
};

/** The steps of a run in order, without their input and output (`getStepIo`); `next` goes into `after`. */
export async function listSteps(
  ctx: Ctx,
  runId: number,
  { status, ...within }: Within & { status?: StepStatus } = {},
): Promise<{ rows: StepRow[]; next: number | null }> {
  allow(ctx, "runs.read");
  const limit = withinLimit(within);
  const rows = await ctx.db.$queryRaw<StepRow[]>`
    select s.seq, s.unit_seq as "unitSeq", s.parent_seq as "parentSeq", s.attempt, s.step_name as "stepName", s.status,
           s.error, s.error_class as "errorClass", s.duration_ms as "durationMs", s.started_at as "startedAt", s.completed_at as "completedAt"
      from run_steps s
     where s.run_id = ${runId}::bigint and s.seq > ${within.after ?? -1}::bigint
           ${status ? sql`and s.status = ${status}::step_status` : empty}
     order by s.seq
     limit ${limit + 1}::int`;
  return pageOf(rows, limit, (step) => step.seq);
}

export type StepDetail = StepRow & {
  runId: number;
  /** Name of the unit that it belongs to. */
  unitName: string | null;
  /** The same step earlier, to compare with: in the attempt before, and in the stage's run before. */
  previousAttempt: { runId: number; seq: number } | null;
  previousRun: { runId: number; seq: number } | null;
};

/**
 * One step with the places where the same step was done before: the same use of the same name in the same unit.
 * In another run the unit is the one of the same name, else the one in the same place.
 *
 * @throws AppError NOT_FOUND when the run has no such step.
 */
export async function getStep(ctx: Ctx, runId: number, seq: number): Promise<StepDetail> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<(StepRow & { unitName: string | null; attemptBefore: number | null; runBefore: bigint | null; seqBefore: number | null })[]>`
    select s.seq, s.unit_seq as "unitSeq", s.parent_seq as "parentSeq", s.attempt, s.step_name as "stepName", s.status,
           s.error, s.error_class as "errorClass", s.duration_ms as "durationMs", s.started_at as "startedAt", s.completed_at as "completedAt",
           u.name as "unitName", attempt.seq as "attemptBefore", other.run_id as "runBefore", other.seq as "seqBefore"
      from run_steps s
      join runs r on r.id = s.run_id
      left join run_units u on u.run_id = s.run_id and u.seq = s.unit_seq
      left join lateral (
        select a.seq from run_steps a
         where a.run_id = s.run_id and a.unit_seq = s.unit_seq and a.step_key = s.step_key and a.attempt < s.attempt and a.seq < s.seq
         order by a.attempt desc, a.seq desc limit 1) attempt on true
      left join lateral (
        select p.id from runs p
         where p.pipeline = r.pipeline and p.stage = r.stage and p.id < r.id and p.last_step_seq > 0
         order by p.id desc limit 1) before on true
      left join lateral (
        select o.run_id, o.seq
          from run_steps o
          left join run_units ou on ou.run_id = o.run_id and ou.seq = o.unit_seq
         where o.run_id = before.id and o.step_key = s.step_key and (ou.name = u.name or o.unit_seq is not distinct from s.unit_seq)
         order by (ou.name = u.name) desc nulls last, o.attempt desc limit 1) other on true
     where s.run_id = ${runId}::bigint and s.seq = ${seq}::int`;
  if (!found) throw new AppError("NOT_FOUND", `Run #${runId} has no step ${seq}.`);
  const { attemptBefore, runBefore, seqBefore, ...step } = found;
  return {
    ...step,
    runId,
    previousAttempt: attemptBefore === null ? null : { runId, seq: attemptBefore },
    previousRun: runBefore === null || seqBefore === null ? null : { runId: Number(runBefore), seq: seqBefore },
  };
}

/** The JSON text of a step, secrets masked. `bytes` is the size of the whole; `isCut` says that `text` is only its beginning. */
export type StepIo = { input: string | null; output: string | null; inputBytes: number; outputBytes: number; isCut: boolean; /** When retention removed both; null while it has not. */ prunedAt: Date | null };

/**
 * What a step was given and what it gave, as the JSON text that was recorded, with secrets masked.
 *
 * @param maxChars of each at most; the whole when left out.
 * @throws AppError NOT_FOUND when the run has no such step.
 */
export async function getStepIo(ctx: Ctx, runId: number, seq: number, maxChars?: number): Promise<StepIo> {
  allow(ctx, "payloads.read");
  const cut = (column: typeof empty) => (maxChars === undefined ? column : sql`left(${column}, ${maxChars}::int)`);
  const [io] = await ctx.db.$queryRaw<StepIo[]>`
    select ${cut(sql`s.input_json`)} as input, ${cut(sql`s.output_json`)} as output,
           coalesce(octet_length(s.input_json), 0) as "inputBytes", coalesce(octet_length(s.output_json), 0) as "outputBytes",
           ${maxChars === undefined ? sql`false` : sql`greatest(length(s.input_json), length(s.output_json)) > ${maxChars}::int`} as "isCut",
           (select r.pruned_at from runs r where r.id = s.run_id) as "prunedAt"
      from run_steps s where s.run_id = ${runId}::bigint and s.seq = ${seq}::int`;
  if (!io) throw new AppError("NOT_FOUND", `Run #${runId} has no step ${seq}.`);
  return { ...io, isCut: io.isCut ?? false, input: io.input === null ? null : maskJsonText(io.input), output: io.output === null ? null : maskJsonText(io.output) };
}

export type LogRow = { id: number; at: Date; level: string; line: string; unitSeq: number | null };

/** The log lines of a run, or of one unit of it, oldest first; `next` goes into `after`, and null says that there is nothing more yet. */
export async function listRunLogs(ctx: Ctx, runId: number, within: Within & { unit?: number } = {}): Promise<{ rows: LogRow[]; next: number | null }> {
  allow(ctx, "payloads.read");
  const limit = withinLimit(within);
  const ofUnit = within.unit === undefined ? empty : sql`and l.unit_seq = ${within.unit}::int`;
  const found = await ctx.db.$queryRaw<(Omit<LogRow, "id"> & { id: bigint })[]>`${KEPT}
    select l.id, l.at, l.level, l.line, l.unit_seq as "unitSeq"
      from run_logs l
     where l.run_id = ${runId}::bigint and l.id > ${within.after ?? 0}::bigint ${ofUnit}
     order by l.id
     limit ${limit + 1}::int`;
  return pageOf(found.map((line) => ({ ...line, id: Number(line.id) })), limit, (line) => line.id);
}

/** All of them, a page at a time; nothing is read ahead. */
export async function* readRunLogs(ctx: Ctx, runId: number, { unit, after = 0, signal }: { unit?: number; after?: number; signal?: AbortSignal } = {}): AsyncGenerator<LogRow[]> {
  allow(ctx, "payloads.read");
  for (let from: number | null = after; from !== null; ) {
    signal?.throwIfAborted();
    const page: Awaited<ReturnType<typeof listRunLogs>> = await listRunLogs(ctx, runId, { unit, after: from, limit: WITHIN_MAX });
    if (page.rows.length > 0) yield page.rows;
    from = page.next;
  }
}

const withinLimit = ({ limit = WITHIN_LIMIT }: Within): number => Math.min(Math.max(1, Math.trunc(limit)), WITHIN_MAX);

function pageOf<T>(found: T[], limit: number, key: (row: T) => number): { rows: T[]; next: number | null } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? key(last) : null };
}

/** Warnings that a page shows; the live output has them all. */
const WARNINGS_MAX = 20;

export type Warning = Pick<LogRow, "line" | "unitSeq">;

/** Whether a run has log lines, and the first of them that are warnings; `isCut` says that there are more of those. */
export async function summarizeLogs(ctx: Ctx, runId: number): Promise<{ wrote: boolean; warnings: Warning[]; isCut: boolean }> {
  allow(ctx, "payloads.read");
  const [found] = await ctx.db.$queryRaw<{ wrote: boolean; warnings: Warning[] | null }[]>`${KEPT}
    select exists (select from run_logs l where l.run_id = ${runId}::bigint) as wrote,
           (select json_agg(json_build_object('line', w.line, 'unitSeq', w.unit_seq) order by w.id)
              from (select l.id, l.line, l.unit_seq from run_logs l where l.run_id = ${runId}::bigint and l.level = 'warn' order by l.id limit ${WARNINGS_MAX + 1}::int) w) as warnings`;
  const warnings = found?.warnings ?? [];
  return { wrote: found?.wrote ?? false, warnings: warnings.slice(0, WARNINGS_MAX), isCut: warnings.length > WARNINGS_MAX };
}

/** What changed within this long before the last answer is given once more, in milliseconds: its transaction may have been open. */
const OVERLAP_MS = 10_000;

/** What is asked for of a trace: what has changed since the `asOf` of an earlier answer, a little more than that; its first so many units and steps. All of it unless said. */
export type TracePart = { since?: Date; first?: number };

/**
 * The structure of a run, without input, output and the steps' errors.
 *
 * @throws AppError NOT_FOUND when no run has this id.
 */
export async function getTrace(ctx: Ctx, runId: number, { since, first }: TracePart = {}): Promise<Trace> {
  allow(ctx, "runs.read");
  const from = since && new Date(since.getTime() - OVERLAP_MS).toISOString();
  const asked = (seq: Sql, began: Sql, ended: Sql, open: Sql) => sql`
    ${first === undefined ? empty : sql`and ${seq} <= ${first}::int`}
    ${from === undefined ? empty : sql`and (${began} >= ${from}::timestamptz or ${ended} >= ${from}::timestamptz or ${open})`}`;
  const [[run], [columns]] = await Promise.all([
    ctx.db.$queryRaw<{ status: RunStatus; zero: Date; endMs: number; asOf: Date; units: TraceUnit[] | null }[]>`${KEPT}
      select r.status, zero.at as zero, clock_timestamp() as "asOf",
             (extract(epoch from coalesce(r.completed_at, clock_timestamp()) - zero.at) * 1000)::float8 as "endMs",
             (select json_agg(json_build_object(
                       'seq', u.seq, 'kind', u.kind, 'wave', u.wave, 'name', u.name, 'status', u.status, 'attempt', u.attempt, 'crashes', u.crashes, 'failures', u.failures,
                       'retryAt', case when u.status = 'pending' then u.retry_at end, 'itemsDone', u.items_done, 'itemsFailed', u.items_failed, 'itemsTotal', u.items_total, 'error', left(u.error, 300),
                       'startMs', (extract(epoch from u.started_at - zero.at) * 1000)::float8, 'endMs', (extract(epoch from u.completed_at - zero.at) * 1000)::float8) order by u.seq)
                from run_units u
               where u.run_id = r.id ${asked(sql`u.seq`, sql`greatest(u.started_at, u.created_at)`, sql`u.completed_at`, sql`u.status = 'running' or u.retry_at is not null`)}) as units
        from runs r
       cross join lateral (select coalesce(r.started_at, r.created_at) as at) zero
       where r.id = ${runId}::bigint`,
    ctx.db.$queryRaw<StepColumns[]>(stepColumns(runId, first === undefined ? empty : KEPT, asked(sql`s.seq`, sql`s.started_at`, sql`s.completed_at`, sql`false`))),
  ]);
  if (!run) throw new AppError("NOT_FOUND", `No run #${runId}.`);
  return { runId, status: run.status, zeroAt: run.zero.toISOString(), endMs: Math.max(0, run.endMs), asOf: run.asOf.toISOString(), units: (run.units ?? []).map((unit) => ({ ...unit, retryAt: unit.retryAt && new Date(unit.retryAt).toISOString() })), ...parseStepColumns(columns) };
}

/** How many units of each run have which status; runs without units are missing. */
export async function countUnitsOf(ctx: Ctx, runIds: number[]): Promise<Map<number, Partial<Record<UnitStatus, number>>>> {
  allow(ctx, "runs.read");
  const found = new Map<number, Partial<Record<UnitStatus, number>>>();
  if (runIds.length === 0) return found;
  const rows = await ctx.db.$queryRaw<{ runId: bigint; status: UnitStatus; count: bigint }[]>`
    select u.run_id as "runId", u.status, count(*) as count
      from run_units u
     where u.run_id in (${join(runIds.map((id) => sql`${id}::bigint`))})
     group by u.run_id, u.status`;
  for (const { runId, status, count } of rows) found.set(Number(runId), { ...found.get(Number(runId)), [status]: Number(count) });
  return found;
}
