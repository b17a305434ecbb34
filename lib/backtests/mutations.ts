import { z } from "zod";
import { allow } from "#lib/access/rules";
import { inTransaction, type Ctx } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { cancelRun, type CancelRunResult } from "#lib/engine/cancel";
import { triggerRun } from "#lib/engine/trigger";
import { AppError } from "#lib/errors";
import { BACKTEST, KEEP_JOBS_DAYS, SAME_JOB_HOURS, SimulateParams } from "./fields.ts";
import { readJob, type JobDetail } from "./queries.ts";
import { type Asked, listSkips, resolveAsked } from "./sql/job-plan.ts";

export const StartJobInput = z.strictObject({ params: SimulateParams, configPath: z.string().max(1_000).default("") });
export type StartJobInput = z.input<typeof StartJobInput>;
export type StartJobResult = { created: boolean; job: JobDetail };

/** Held while a job is being made, so that of many requests at once one makes it and the others find it. Any fixed number. */
const JOB_LOCK = 7_340_001;
/** Requests of one process take turns in it: waiting here holds no connection. */
const turns = { last: Promise.resolve() as Promise<unknown> };

/**
 * Starts a backtest job: the run, the job and a row for each model-day in one transaction. The same dates within 24 hours are
 * the same job, unless it was cancelled, lacks a model, or `replaceExisting` asks for new results.
 *
 * @throws AppError INVALID as `resolveAsked` does, and when every model-day would be skipped; CONFLICT with `details.jobId`
 *   while another job is pending or running
 */
export async function startJob(ctx: Ctx, input: StartJobInput): Promise<StartJobResult> {
  allow(ctx, "runs.trigger");
  const { params, configPath } = StartJobInput.parse(input);
  const attempt = async (): Promise<StartJobResult> => {
    const found = await findSameJob(ctx.db, params);
    if (found) return { created: false, job: await readJob(ctx, found) };
    const made = await inTransaction(ctx, async (tx) => {
      await tx.db.$executeRaw`select pg_advisory_xact_lock(${JOB_LOCK}::bigint)`;
      const same = await findSameJob(tx.db, params);
      if (same) return { jobId: same, created: false };
      await refuseWhileActive(tx);
      const { runId } = await triggerRun(tx, { ...BACKTEST, params });
      return { jobId: await makeJob(tx.db, runId, params, configPath), created: true };
    });
    return { created: made.created, job: await readJob(ctx, made.jobId) };
  };
  const mine = turns.last.then(attempt, attempt);
  turns.last = mine.catch(() => {});
  return mine;
}

async function refuseWhileActive(tx: Ctx): Promise<void> {
  const [active] = await tx.db.$queryRaw<{ job_id: string; run_id: bigint }[]>`
    select j.job_id::text, j.run_id from backtest_jobs j join runs r on r.id = j.run_id where r.status in ('pending', 'running') limit 1`;
  if (!active) return;
  throw new AppError("CONFLICT", "Another simulation job is already running or pending. Please wait for it to complete, or cancel it.", { details: { jobId: active.job_id, runId: Number(active.run_id) } });
}

async function findSameJob(db: Db, params: SimulateParams): Promise<string | null> {
  if (params.replaceExisting) return null;
  // Only a range that was said can be said again: where the models stand moves while a job goes on.
  if (params.from === "" && params.dates === "") return null;
  const asked = await resolveAsked(db, params);
  const [row] = await db.$queryRaw<{ job_id: string }[]>`
    select j.job_id::text
      from backtest_jobs j
      left join runs r on r.id = j.run_id
     where j.created_at > clock_timestamp() - ${SAME_JOB_HOURS} * interval '1 hour'
       and j.dates = ${asked.dates}::date[] and j.models @> ${params.models === "" ? [] : asked.models}::text[] and j.symbols @> ${params.symbols === "" ? [] : asked.symbols}::text[]
       and r.status is distinct from 'cancelled'
     order by j.created_at desc
     limit 1`;
  return row?.job_id ?? null;
}

/**
 * Writes the job of a run and its model-days, unless they are there: the stage plans with it, however its run was triggered.
 *
 * @returns the job's id
 * @throws AppError INVALID when nothing of what is asked for can be simulated
 */
export async function makeJob(db: Db, runId: number, params: SimulateParams, configPath = ""): Promise<string> {
  const made = await db.backtestJob.findUnique({ where: { runId }, select: { jobId: true } });
  if (made) return made.jobId;
  const asked = await resolveAsked(db, params);
  const { skips, warnings } = await listSkips(db, asked, params.replaceExisting);
  refuseNothing(asked, skips);
  const all = [...asked.warnings, ...warnings];
  const [job] = await db.$queryRaw<{ job_id: string }[]>`
    insert into backtest_jobs (run_id, config_path, dates, models, symbols, replace_existing, starting_cash, warnings)
    values (${runId}::bigint, ${configPath}, ${asked.dates}::date[], ${asked.models}::text[], ${asked.symbols}::text[], ${params.replaceExisting}, ${params.startingCash}::numeric, ${all}::text[])
    returning job_id::text`;
  const jobId = job?.job_id ?? "";
  await db.$executeRaw`
    insert into backtest_model_days (job_id, date, model, status, error, unit_seq)
    select ${jobId}::uuid, d.date, m.model, case when s.reason is null then 'pending' else 'skipped' end::unit_status, s.reason,
           case when s.reason is null then row_number() over (partition by s.reason is null order by d.date, m.model) end
      from unnest(${asked.dates}::date[]) d(date)
      cross join unnest(${asked.models}::text[]) m(model)
      left join jsonb_to_recordset(${JSON.stringify(skips)}::jsonb) as s(date date, model text, reason text) on s.date = d.date and s.model = m.model`;
  await db.$executeRaw`update runs set external_id = ${jobId} where id = ${runId}::bigint`;
  return jobId;
}

function refuseNothing({ dates, models, unusable }: Asked, skips: { reason: string }[]): void {
  if (skips.length < dates.length * models.length) return;
  const first = skips[0]?.reason ?? "";
  if (skips.every(({ reason }) => reason === "Already completed")) throw new AppError("INVALID", `All requested simulations are already completed. Skipped ${skips.length} model-days.`, { details: { current: true, lastDate: dates.at(-1) ?? "" } });
  if (dates.every((date) => unusable.has(date))) throw new AppError("INVALID", `No trading date can be simulated. ${dates[0]}: ${first}.`);
  throw new AppError("INVALID", `Nothing of it can be simulated, ${skips.length} model-days are skipped. The first: ${first}.`);
}

/** The job of a run that took over the failed units of another: made from its units, since it has no plan of its own. */
export async function adoptJob(db: Db, runId: number): Promise<string> {
  await db.$executeRaw`select pg_advisory_xact_lock(${JOB_LOCK}::bigint)`;
  const [job] = await db.$queryRaw<{ job_id: string }[]>`
    with earlier as (
      with recursive line as (
        select id, retry_of, 0 as depth from runs where id = ${runId}::bigint
        union all
        select r.id, r.retry_of, line.depth + 1 from runs r join line on line.retry_of = r.id where line.depth < 100
      )
      select j.* from line join backtest_jobs j on j.run_id = line.id order by line.depth limit 1
    ), made as (
      insert into backtest_jobs (run_id, config_path, dates, models, symbols, replace_existing, starting_cash)
      select ${runId}::bigint, e.config_path,
             (select array_agg(distinct (u.input->>'date')::date order by (u.input->>'date')::date) from run_units u where u.run_id = ${runId}::bigint and u.kind = 'work'),
             (select array_agg(distinct u.input->>'model') from run_units u where u.run_id = ${runId}::bigint and u.kind = 'work'),
             e.symbols, e.replace_existing, e.starting_cash
        from earlier e
      on conflict (run_id) do nothing
      returning job_id
    ), days as (
      insert into backtest_model_days (job_id, date, model, unit_seq)
      select made.job_id, (u.input->>'date')::date, u.input->>'model', u.seq from made, run_units u where u.run_id = ${runId}::bigint and u.kind = 'work'
    ), named as (
      update runs set external_id = made.job_id::text from made where id = ${runId}::bigint
    )
    select job_id::text from made
    union all
    select job_id::text from backtest_jobs where run_id = ${runId}::bigint`;
  if (!job) throw new Error("The job whose failed model-days were to be retried has been deleted. Start a new one.");
  return job.job_id;
}

export const JobIdInput = z.strictObject({ jobId: z.uuid() });

/** Cancels a job: what runs is told to stop, what waits never begins, results that are written stay. @throws AppError NOT_FOUND */
export async function cancelJob(ctx: Ctx, { jobId }: z.infer<typeof JobIdInput>): Promise<CancelRunResult & { jobId: string }> {
  allow(ctx, "runs.cancel");
  const job = await readJob(ctx, jobId);
  if (job.runId === null) return { ok: false, reason: "already_finished", status: "cancelled", jobId };
  return { ...(await cancelRun(ctx, { runId: job.runId })), jobId };
}

/**
 * Deletes finished jobs older than `days` with their results. One that holds the latest day of a model stays: the next job
 * goes on from it.
 *
 * @returns how many were deleted
 */
export async function cleanUpJobs(db: Db, days: number = KEEP_JOBS_DAYS): Promise<number> {
  return db.$executeRaw`
    delete from backtest_jobs j
     where j.created_at < clock_timestamp() - ${days}::int * interval '1 day'
       and not exists (select 1 from runs r where r.id = j.run_id and r.status in ('pending', 'running'))
       and not exists (select 1 from (select distinct on (model) job_id from backtest_days where superseded_at is null order by model, date desc) standing
                        where standing.job_id = j.job_id)`;
}
