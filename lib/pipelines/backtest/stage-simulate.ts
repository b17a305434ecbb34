import { z } from "zod";
import { inTransaction } from "#lib/ctx";
import { defineStage, type Json, type StepOver, unit, type UnitCtx, wave } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { BACKTEST, isLocalModel, LOCAL_MODELS, REMOTE_PREFIX, SimulateParams, splitNames } from "#lib/backtests/fields";
import type { SessionRecord } from "./session.ts";

type ModelDay = { date: string; model: string };
const Pending = z.array(z.object({ date: z.string(), models: z.array(z.string()) }));

export const simulate = defineStage(BACKTEST.stage, {
  title: "Simulate",
  manual: true,
  description: "Each model trades each date at its open prices, from the portfolio of its day before",
  itemsName: "model-days",
  rowsName: "simulated days",
  params: SimulateParams,
  exclusive: () => `${BACKTEST.pipeline}/${BACKTEST.stage}`,
  subjects: ({ models }) => ({ model: models === "" ? Object.keys(LOCAL_MODELS) : splitNames(models) }),
  rows: async (db) => Number((await db.$queryRaw<{ n: bigint }[]>`select count(*) as n from backtest_days where superseded_at is null`)[0]?.n ?? 0),
  waiting: async (db) => Number((await db.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from backtest_details d join backtest_jobs j using (job_id) join runs r on r.id = j.run_id
     where r.status in ('pending', 'running') and d.status = 'pending'`)[0]?.n ?? 0),
  /** One unit a model-day, numbered as the job's rows are: by `unit_seq` the view backtest_details finds it. */
  plan: async function* (ctx, params) {
    const { cleanUpJobs, makeJob } = await import("#lib/backtests/mutations");
    const deleted = await cleanUpJobs(ctx.db);
    if (deleted > 0) ctx.log(`Deleted ${deleted} finished jobs of long ago`);
    let jobId: string;
    try {
      jobId = await inTransaction({ db: ctx.db, actor: { kind: "worker", name: "plan" } }, (tx) => makeJob(tx.db, ctx.runId, params));
    } catch (error) {
      // Every model stands at the last day: that is no fault, and the run is skipped.
      if (!(error instanceof AppError) || !error.details.current) throw error;
      ctx.log(error.message);
      return;
    }
    const pending = Pending.parse(await ctx.db.$queryRaw`
      select date::text, array_agg(model order by unit_seq) as models
        from backtest_model_days where job_id = ${jobId}::uuid and status = 'pending' group by date order by min(unit_seq)`);
    for (const { date, models } of pending) yield wave(models.map((model) => unit(`${date} ${model}`, { date, model }, 1)));
  },
  unit: async (ctx: UnitCtx<SimulateParams>, { date, model }: ModelDay): Promise<Json> => {
    // An attempt before this one may have written it, and died before it could say so.
    if (ctx.attempt > 1 && (await isWritten(ctx, { date, model }))) return { already: true };
    const [{ lookAtDay }, { writeDay }, { replay }, { HISTORY_DAYS, playLocal }, { Session }] = await Promise.all([import("./look.ts"), import("./record.ts"), import("./replay.ts"), import("./strategies.ts"), import("./session.ts")]);
    const startedAt = new Date();
    const began = performance.now();
    const look = () => lookAtDay(ctx.db, ctx.runId, { date, model }, HISTORY_DAYS);
    let seen = await look();
    if (!seen) {
      await adopt(ctx);
      seen = await look();
    }
    if (!seen) throw new Error("This run has no backtest job. Start a new one.");
    const { job, standing, prices, history } = seen;
    const missing = job.symbols.filter((symbol) => !prices.has(symbol));
    if (missing.length > 0) throw new Error(`Incomplete price data: no price of ${missing.slice(0, 5).join(", ")} on ${date}`);
    const input = { date, model, cash: Number(standing.cash) / 1e6, holdings: standing.holdings.size };
    const played = new Session({ date, prices, history }, standing);
    let over: StepOver | undefined;
    let session: SessionRecord;
    if (isLocalModel(model) && ctx.attempt === 1) {
      playLocal(model, played);
      session = played.record();
      over = { name: "session", input, output: session, durationMs: performance.now() - began };
    } else {
      session = await ctx.step("session", input, async (): Promise<SessionRecord> => {
        if (isLocalModel(model)) playLocal(model, played);
        else if (model.startsWith(REMOTE_PREFIX)) await (await import("./agent.ts")).playRemote(ctx, model, played);
        else throw new Error(`There is no model "${model}" any more: it was there when the job was made.`);
        return played.record();
      });
    }
    const after = replay(standing, prices, session);
    const strange = [...standing.holdings.keys()].filter((symbol) => !prices.has(symbol));
    const worths = strange.length > 0 ? new Map([...(await (await import("#lib/backtests/sql/market")).readLastPrices(ctx.db, strange, date)), ...prices]) : prices;
    await ctx.write(async (db, items) => {
      await writeDay(db, { jobId: job.jobId, model, date, standing, prices: worths, session, after, replaceExisting: job.replaceExisting, startedAt, durationMs: performance.now() - began });
      items.done();
    }, over);
    return { actions: session.actions.filter(({ type }) => type !== "no_trade").length, steps: session.steps };
  },
  settle: async (ctx) => {
    // What failed is kept with the job, which outlives its run.
    await ctx.write((db) => db.$executeRaw`
      update backtest_model_days d set status = 'failed', error = coalesce(v.error, 'It failed without a reason'), started_at = v.started_at, completed_at = v.completed_at
        from backtest_details v, backtest_jobs j
       where j.run_id = ${ctx.runId}::bigint and d.job_id = j.job_id
         and v.job_id = d.job_id and v.date = d.date and v.model = d.model and d.status = 'pending' and v.status = 'failed'`);
  },
});

async function isWritten({ db, runId }: UnitCtx<SimulateParams>, { date, model }: ModelDay): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from backtest_days d join backtest_jobs j using (job_id) where j.run_id = ${runId}::bigint and d.model = ${model} and d.date = ${date}::date`;
  return rows.length > 0;
}

/** Gives the run of a retry, which has no plan of its own, its job. */
async function adopt(ctx: UnitCtx<SimulateParams>): Promise<void> {
  const { adoptJob } = await import("#lib/backtests/mutations");
  await ctx.write((db) => adoptJob(db, ctx.runId));
}
