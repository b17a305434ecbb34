import { z } from "zod";
import { inTransaction } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { defineStage, type Json, unit, type UnitCtx, wave } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { BACKTEST, isLocalModel, LOCAL_MODELS, REMOTE_PREFIX, SimulateParams, splitNames } from "#lib/backtests/fields";
import type { SessionRecord } from "./session.ts";

type ModelDay = { date: string; model: string };
const Pending = z.array(z.object({ date: z.string(), models: z.array(z.string()) }));
const Job = z.object({ jobId: z.string(), symbols: z.array(z.string()), startingCash: z.string(), replaceExisting: z.boolean() });

/** What a unit's name is, and how the view backtest_details finds it. */
const nameOf = ({ date, model }: ModelDay): string => `${date} ${model}`;

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
      select date::text, array_agg(model order by model) as models
        from backtest_model_days where job_id = ${jobId}::uuid and status = 'pending' group by date order by date`);
    for (const { date, models } of pending) yield wave(models.map((model) => unit(nameOf({ date, model }), { date, model }, 1)));
  },
  unit: async (ctx: UnitCtx<SimulateParams>, { date, model }: ModelDay): Promise<Json> => {
    const job = await findJob(ctx);
    const isWritten = await ctx.db.backtestDay.findFirst({ where: { jobId: job.jobId, model, date: new Date(`${date}T00:00:00Z`) }, select: { id: true } });
    // An attempt before this one had written it, and died before it could say so.
    if (isWritten) return { already: true };
    const [{ readStanding, writeDay }, { replay }, market] = await Promise.all([import("./record.ts"), import("./replay.ts"), import("#lib/backtests/sql/market")]);
    const startedAt = new Date();
    const began = performance.now();
    const standing = await readStanding(ctx.db, model, date, job.startingCash);
    const prices = await market.readOpens(ctx.db, job.symbols, date);
    const missing = job.symbols.filter((symbol) => !prices.has(symbol));
    if (missing.length > 0) throw new Error(`Incomplete price data: no price of ${missing.slice(0, 5).join(", ")} on ${date}`);
    const session = await ctx.step("session", { date, model, cash: Number(standing.cash) / 1e6, holdings: standing.holdings.size }, async (): Promise<SessionRecord> => {
      const { HISTORY_DAYS, playLocal } = await import("./strategies.ts");
      const { Session } = await import("./session.ts");
      const played = new Session({ date, prices, history: await market.readCloses(ctx.db, job.symbols, date, HISTORY_DAYS) }, standing);
      if (isLocalModel(model)) playLocal(model, played);
      else if (model.startsWith(REMOTE_PREFIX)) await (await import("./agent.ts")).playRemote(ctx, model, played);
      else throw new Error(`There is no model "${model}" any more: it was there when the job was made.`);
      return played.record();
    });
    const after = replay(standing, prices, session);
    const strange = [...standing.holdings.keys()].filter((symbol) => !prices.has(symbol));
    const worths = strange.length > 0 ? new Map([...(await market.readLastPrices(ctx.db, strange, date)), ...prices]) : prices;
    await ctx.write(async (db, items) => {
      await writeDay(db, { jobId: job.jobId, model, date, standing, prices: worths, session, after, replaceExisting: job.replaceExisting, startedAt, durationMs: performance.now() - began });
      items.done();
    });
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

async function findJob(ctx: UnitCtx<SimulateParams>): Promise<z.infer<typeof Job>> {
  const read = async (db: Db) => z.array(Job).parse(await db.$queryRaw`
    select job_id::text as "jobId", symbols, starting_cash::text as "startingCash", replace_existing as "replaceExisting" from backtest_jobs where run_id = ${ctx.runId}::bigint`)[0];
  const job = await read(ctx.db);
  if (job) return job;
  const { adoptJob } = await import("#lib/backtests/mutations");
  const adopted = await ctx.write(async (db) => {
    await adoptJob(db, ctx.runId);
    return read(db);
  });
  if (!adopted) throw new Error("This run has no backtest job. Start a new one.");
  return adopted;
}
