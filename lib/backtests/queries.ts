import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, join, type Sql, sql } from "#lib/db/client";
import { RunStatus } from "#lib/db/generated/enums";
import { AppError } from "#lib/errors";
import { DAY_STATUSES, type DayStatus, type JobStatus } from "./fields.ts";
import { isOpenJob, jobStatus } from "./rules.ts";

const Counts = z.object(Object.fromEntries(DAY_STATUSES.map((status) => [status, z.coerce.number()])) as Record<DayStatus, z.ZodCoercedNumber>);
const StoredJob = z.object({
  jobId: z.string(),
  runId: z.coerce.number().nullable(),
  runStatus: z.enum(RunStatus).nullable(),
  configPath: z.string(),
  dates: z.array(z.string()),
  models: z.array(z.string()),
  symbols: z.array(z.string()),
  replaceExisting: z.boolean(),
  startingCash: z.coerce.number(),
  warnings: z.array(z.string()),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  updatedAt: z.date().nullable(),
  runError: z.string().nullable(),
  counts: Counts,
});

/** One job with how far it is. */
export type JobDetail = Omit<z.infer<typeof StoredJob>, "runStatus" | "endedAt" | "runError" | "updatedAt"> & {
  status: JobStatus;
  /** When the last model-day ended; null while the job is open. */
  completedAt: Date | null;
  updatedAt: Date;
  /** From the first model-day's beginning to the last one's end. */
  totalDurationSeconds: number | null;
  /** Why the job as a whole failed. */
  error: string | null;
};

const selectJobs = (which: Sql, rest: Sql) => sql`
  select j.job_id::text as "jobId", j.run_id as "runId", r.status::text as "runStatus", j.config_path as "configPath", j.dates::text[] as dates, j.models, j.symbols,
         j.replace_existing as "replaceExisting", j.starting_cash as "startingCash", j.warnings, j.created_at as "createdAt", c.started_at as "startedAt",
         coalesce(r.completed_at, c.ended_at) as "endedAt", greatest(c.ended_at, c.started_at, j.created_at) as "updatedAt", r.error_message as "runError",
         json_build_object(${join(DAY_STATUSES.flatMap((status) => [sql`${status}::text`, sql`coalesce((c.counts->>${status})::int, 0)`]))}) as counts
    from backtest_jobs j
    left join runs r on r.id = j.run_id
    left join lateral (
      select min(s.started_at) as started_at, max(s.ended_at) as ended_at, jsonb_object_agg(s.status, s.n) as counts
        from (select status, count(*) as n, min(started_at) as started_at, max(completed_at) as ended_at from backtest_details d where d.job_id = j.job_id group by status) s
    ) c on true
   where ${which}
   ${rest}`;

function toJob({ runStatus, endedAt, runError, updatedAt, ...stored }: z.infer<typeof StoredJob>): JobDetail {
  const status = jobStatus(runStatus, stored.counts);
  const completedAt = isOpenJob(status) ? null : endedAt;
  return {
    ...stored,
    status,
    completedAt,
    updatedAt: completedAt ?? updatedAt ?? stored.createdAt,
    totalDurationSeconds: completedAt && stored.startedAt ? Math.max(0, (completedAt.getTime() - stored.startedAt.getTime()) / 1_000) : null,
    error: status === "failed" ? runError : null,
  };
}

async function readJobs(ctx: Ctx, which: Sql, rest: Sql = empty): Promise<JobDetail[]> {
  return z.array(StoredJob).parse(await ctx.db.$queryRaw(selectJobs(which, rest))).map(toJob);
}

const isUuid = (text: string): boolean => z.guid().safeParse(text).success;

/** @throws AppError NOT_FOUND also for what is no UUID */
export async function getJob(ctx: Ctx, jobId: string): Promise<JobDetail> {
  allow(ctx, "runs.read");
  return readJob(ctx, jobId);
}

/** The same for the verbs, which may start or cancel a job that they may not look at. */
export async function readJob(ctx: Ctx, jobId: string): Promise<JobDetail> {
  const [job] = isUuid(jobId) ? await readJobs(ctx, sql`j.job_id = ${jobId}::uuid`) : [];
  if (!job) throw new AppError("NOT_FOUND", `Job ${jobId.slice(0, 100)} not found.`);
  return job;
}

/** The newest job, whatever its status; null when there has never been one. */
export async function findCurrentJob(ctx: Ctx): Promise<JobDetail | null> {
  allow(ctx, "runs.read");
  return (await readJobs(ctx, sql`true`, sql`order by j.created_at desc, j.job_id limit 1`))[0] ?? null;
}

export async function findJobOfRun(ctx: Ctx, runId: number): Promise<JobDetail | null> {
  allow(ctx, "runs.read");
  return (await readJobs(ctx, sql`j.run_id = ${runId}::bigint`))[0] ?? null;
}

export const JOB_PAGE_SIZE = 50;

/** Jobs, newest first. `after` is the job to go on behind; one that is gone begins anew. */
export async function listJobs(ctx: Ctx, { after, limit = JOB_PAGE_SIZE }: { after?: string; limit?: number } = {}): Promise<{ rows: JobDetail[]; after: string | null }> {
  allow(ctx, "runs.read");
  const before = after && isUuid(after) ? sql`(j.created_at, j.job_id) < (select created_at, job_id from backtest_jobs where job_id = ${after}::uuid)` : sql`true`;
  const rows = await readJobs(ctx, before, sql`order by j.created_at desc, j.job_id desc limit ${limit + 1}::int`);
  const page = rows.slice(0, limit);
  return { rows: page, after: rows.length > limit ? (page.at(-1)?.jobId ?? null) : null };
}

const Detail = z.object({
  date: z.string(),
  model: z.string(),
  status: z.enum(DAY_STATUSES),
  startedAt: z.date().nullable(),
  completedAt: z.date().nullable(),
  durationSeconds: z.coerce.number().nullable(),
  error: z.string().nullable(),
  /** Against the day before, in percent; null until it is simulated. */
  returnPercent: z.number().nullable(),
  trades: z.coerce.number(),
});
export type ModelDay = z.infer<typeof Detail>;

/** Every model-day of a job, by date, then model. */
export async function listModelDays(ctx: Ctx, jobId: string): Promise<ModelDay[]> {
  allow(ctx, "runs.read");
  return z.array(Detail).parse(await ctx.db.$queryRaw`
    select d.date::text, d.model, d.status::text, d.started_at as "startedAt",
           case when d.status in ('completed', 'failed', 'cancelled') then d.completed_at end as "completedAt",
           case when d.status in ('completed', 'failed', 'cancelled') then greatest(0, extract(epoch from d.completed_at - d.started_at))::float8 end as "durationSeconds",
           case when d.status in ('failed', 'skipped', 'cancelled') then d.error end as error,
           day.daily_return_percent as "returnPercent",
           coalesce((select count(*) from backtest_positions p where p.day_id = day.id and p.action_type <> 'no_trade'), 0) as trades
      from backtest_details d
      left join backtest_days day on day.job_id = d.job_id and day.model = d.model and day.date = d.date
     where d.job_id = ${jobId}::uuid
     order by d.date, d.model`);
}

const amount = z.string();
const Day = z.object({
  id: z.coerce.number(),
  jobId: z.string(),
  model: z.string(),
  date: z.string(),
  startingCash: amount,
  startingValue: amount,
  endingCash: amount,
  endingValue: amount,
  dailyProfit: amount,
  dailyReturnPercent: z.number(),
  daysSinceLast: z.number().nullable(),
  steps: z.number(),
  summary: z.string(),
  durationMs: z.number(),
  completedAt: z.date(),
  supersededAt: z.date().nullable(),
  positions: z.array(z.object({ actionId: z.number(), actionType: z.enum(["buy", "sell", "no_trade"]), symbol: z.string().nullable(), quantity: z.number(), price: z.coerce.number(), cash: z.coerce.number() })),
  holdings: z.array(z.object({ symbol: z.string(), quantity: z.number(), price: z.coerce.number() })),
});
/** One simulated model-day. Amounts are decimals with six places, as text. */
export type SimulatedDay = z.infer<typeof Day>;

export type DayFilter = { jobId?: string; model?: string; from?: string; to?: string };

/** Days that one question may bring: a year of fifty models. */
const MOST_DAYS = 20_000;

/**
 * Simulated days by model, then date. Without a job only what counts: one day a model and date. With one, its own days, also
 * those that a later job has superseded.
 *
 * @throws AppError TOO_LARGE past `MOST_DAYS`
 */
export async function listSimulatedDays(ctx: Ctx, { jobId, model, from, to }: DayFilter): Promise<SimulatedDay[]> {
  allow(ctx, "runs.read");
  if (jobId !== undefined && !isUuid(jobId)) return [];
  const conditions = [
    jobId === undefined ? sql`superseded_at is null` : sql`job_id = ${jobId}::uuid`,
    ...(model === undefined ? [] : [sql`model = ${model}`]),
    ...(from === undefined ? [] : [sql`date >= ${from}::date`]),
    ...(to === undefined ? [] : [sql`date <= ${to}::date`]),
  ];
  const rows = z.array(Day).parse(await ctx.db.$queryRaw`
    select id, job_id::text as "jobId", model, date::text, starting_cash::text as "startingCash", starting_value::text as "startingValue", ending_cash::text as "endingCash",
           ending_value::text as "endingValue", daily_profit::text as "dailyProfit", daily_return_percent as "dailyReturnPercent", days_since_last as "daysSinceLast",
           steps, summary, duration_ms as "durationMs", completed_at as "completedAt", superseded_at as "supersededAt",
           (select coalesce(json_agg(json_build_object('actionId', action_id, 'actionType', action_type, 'symbol', symbol, 'quantity', quantity, 'price', price, 'cash', cash) order by action_id), '[]')
              from backtest_positions p where p.day_id = d.id) as positions,
           (select coalesce(json_agg(json_build_object('symbol', symbol, 'quantity', quantity, 'price', price) order by symbol), '[]')
              from backtest_holdings h where h.day_id = d.id) as holdings
      from backtest_days d
     where ${join(conditions, " and ")}
     order by model, date, id
     limit ${MOST_DAYS + 1}::int`);
  if (rows.length > MOST_DAYS) throw new AppError("TOO_LARGE", `More than ${MOST_DAYS} model-days match. Narrow the dates, or name a model or a job.`);
  return rows;
}

const Talk = z.object({
  dayId: z.coerce.number(),
  said: z.array(z.object({ stepNumber: z.number(), role: z.enum(["user", "assistant", "tool"]), content: z.string(), toolName: z.string().nullable() })),
  tools: z.array(z.object({ toolName: z.string(), calls: z.number(), refused: z.number(), durationMs: z.number() })),
});
export type Talk = z.infer<typeof Talk>;

/** What was said on each of these days, and which tools were used. */
export async function listTalks(ctx: Ctx, dayIds: number[]): Promise<Map<number, Talk>> {
  allow(ctx, "payloads.read");
  const rows = z.array(Talk).parse(await ctx.db.$queryRaw`
    select d.id as "dayId",
           (select coalesce(json_agg(json_build_object('stepNumber', step_number, 'role', role, 'content', content, 'toolName', tool_name) order by step_number), '[]') from backtest_reasoning r where r.day_id = d.id) as said,
           (select coalesce(json_agg(json_build_object('toolName', tool_name, 'calls', calls, 'refused', refused, 'durationMs', duration_ms) order by tool_name), '[]') from backtest_tool_usage t where t.day_id = d.id) as tools
      from backtest_days d where d.id = any(${dayIds}::bigint[])`);
  return new Map(rows.map((talk) => [talk.dayId, talk]));
}
