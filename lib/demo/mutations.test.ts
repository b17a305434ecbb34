import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setAnnotation } from "#lib/annotations/mutations";
import { createDemo, removeDemo } from "#lib/demo/mutations";
import { findDemo } from "#lib/demo/queries";
import { DEMO_KEY } from "#lib/demo/rules";
import { findEnd, listEvents } from "#lib/live/events";
import { readRunsFilter } from "#lib/runs/filter";
import { getRun, listRuns } from "#lib/runs/queries";
import { getStepIo, listRunLogs, listSteps, listUnits } from "#lib/trace/queries";
import { FINAL_STATUSES } from "#lib/runs/rules";
import { listPipelines } from "#lib/stages/queries";
import { getRunStats } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";

let test: TestDatabase;
beforeEach(async () => {
  test = await cloneDatabase();
});
afterEach(() => test.drop());

const SMALL = { days: 10, runs: 800 };
const TABLES = ["runs", "run_units", "run_steps", "run_annotations", "run_subjects", "llm_calls", "run_events", "run_logs", "mail_messages"];

/** Rows of each table that demo data may touch. */
async function countRows(): Promise<Record<string, number>> {
  const rows = await test.db.$queryRawUnsafe<{ name: string; n: number }[]>(TABLES.map((name) => `select '${name}' as name, count(*)::int as n from ${name}`).join(" union all "));
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

async function aRealRun(retryOf: bigint | null = null) {
  const run = await test.db.run.create({ data: { pipeline: "mail", stage: "content", status: "completed", startedAt: new Date(), completedAt: new Date(), retryOf } });
  await test.db.runUnit.create({ data: { runId: run.id, seq: 0, kind: "plan", name: "plan" } });
  await test.db.runStep.create({ data: { runId: run.id, seq: 1, stepName: "parse", stepKey: "parse#1" } });
  await test.db.llmCall.create({ data: { runId: run.id, provider: "local", model: "local-analyser", role: "classify" } });
  await test.db.llmCall.create({ data: { provider: "local", model: "local-analyser", role: "orphan" } });
  return run;
}

const list = (query: string) => listRuns(test.ctx, readRunsFilter(new URLSearchParams(query)).filter);

describe("createDemo", () => {
  it("fills a fresh home with runs of every status, each marked, nothing left to a worker", async () => {
    const made = await createDemo(test.ctx, SMALL);
    expect(made).toMatchObject({ created: true, runs: expect.any(Number) });
    const [facts] = await test.db.$queryRaw<object[]>`
      select count(*)::int as runs, count(distinct status)::int as statuses,
             count(*) filter (where status in ('pending', 'running'))::int as active,
             count(*) filter (where not exists (select from run_annotations a where a.run_id = r.id and a.key = ${DEMO_KEY}))::int as unmarked,
             count(*) filter (where completed_at > clock_timestamp())::int as early,
             (select count(*)::int from run_units where status in ('pending', 'running')) as "openUnits",
             (select count(*)::int from llm_calls where pipeline_step_id is null or template is null or template_version is null or prompt like '%{{%' or prompt like '%}}%') as loose,
             (select count(*)::int from graphile_worker._private_jobs) as jobs,
             (select count(*)::int from mail_messages) as messages
        from runs r`;
    expect(facts).toEqual({ runs: made.runs, statuses: FINAL_STATUSES.length, active: 0, unmarked: 0, early: 0, openUnits: 0, loose: 0, jobs: 0, messages: 0 });
    expect(await findDemo(test.ctx)).toEqual({ runs: made.runs, from: made.from, to: made.to });
  });

  it("asked for twice, or twice at once, makes it once and says that it is there", async () => {
    const results = await Promise.all([createDemo(test.ctx, SMALL), createDemo(test.ctx, SMALL)]);
    const again = await createDemo(test.ctx, SMALL);
    expect([...results, again].filter(({ created }) => created)).toHaveLength(1);
    expect(new Set([...results, again].map(({ runs }) => runs)).size).toBe(1);
    expect(await test.db.run.count()).toBe(again.runs);
  });

  it("cut off between two batches leaves nothing behind, and can be repeated or removed", async () => {
    const before = await countRows();
    const cut = createDemo(test.ctx, SMALL, ({ runs }) => {
      if (runs > 300) throw new Error("killed");
    });
    await expect(cut).rejects.toThrow("killed");
    expect(await countRows()).toEqual(before);
    expect(await removeDemo(test.ctx)).toEqual({ removed: 0 });
    expect(await createDemo(test.ctx, SMALL)).toMatchObject({ created: true });
    await removeDemo(test.ctx);
    expect(await countRows()).toEqual(before);
  });

  it("a connection that dies in the middle takes all of it along", async () => {
    const before = await countRows();
    const kill = () =>
      test.db.$queryRaw`
        select pg_terminate_backend(pid) as done from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`;
    const kills: Promise<unknown>[] = [];
    await expect(createDemo(test.ctx, SMALL, () => kills.push(kill().then()))).rejects.toThrow();
    await Promise.allSettled(kills);
    expect(await countRows()).toEqual(before);
    expect(await createDemo(test.ctx, SMALL)).toMatchObject({ created: true });
  });

  it("refuses to stand among real runs unless it must", async () => {
    await aRealRun();
    await expect(createDemo(test.ctx, SMALL)).rejects.toMatchObject({ name: "AppError", code: "CONFLICT", message: expect.stringContaining("--force") });
    expect(await test.db.run.count()).toBe(1);
    expect(await createDemo(test.ctx, { ...SMALL, force: true })).toMatchObject({ created: true });
  });

  it("writes history: no page that is open is sent a month of news", async () => {
    await aRealRun();
    await test.db.runEvent.create({ data: { runId: (await test.db.run.findFirstOrThrow()).id, type: "run.completed" } });
    // A transaction that is open anywhere on the server holds back what can be read.
    const end = await waitFor("the event to be readable", async () => ((found) => found.id > 0n && found)(await findEnd(test.db)));
    await createDemo(test.ctx, { ...SMALL, force: true });
    expect(await listEvents(test.db, end)).toEqual([]);
    expect(await findEnd(test.db)).toEqual(end);
  });

  it("tells of each run what its number is, in its reason, its group and its retry", async () => {
    await createDemo(test.ctx, SMALL);
    const [odd] = await test.db.$queryRaw<object[]>`
      select count(*) filter (where r.reason ~ '#' and not exists (select from runs up where up.id = any(r.waits_for) and r.reason like '%(#' || up.id || ')%'))::int as reasons,
             count(*) filter (where r.retry_of is not null and not exists (select from runs old where old.id = r.retry_of and old.stage = r.stage and old.status = 'failed' and old.completed_at <= r.created_at))::int as retries,
             count(*) filter (where r.group_id is not null and not exists (select from runs g where g.id = r.group_id and g.group_id = g.id and g.created_at = r.created_at))::int as groups,
             count(*) filter (where not exists (select from run_events e where e.run_id = r.id and e.type = 'run.' || r.status and e.at = r.completed_at))::int as events
        from runs r`;
    expect(odd).toEqual({ reasons: 0, retries: 0, groups: 0, events: 0 });
  });
});

describe("removeDemo", () => {
  it("takes the demo's rows and nothing else, also when people annotated and repeated demo runs", async () => {
    const real = await aRealRun();
    await setAnnotation(test.ctx, { runId: Number(real.id), key: "team", value: "red" });
    const before = await countRows();
    const made = await createDemo(test.ctx, { ...SMALL, force: true });
    const failed = await test.db.run.findFirstOrThrow({ where: { status: "failed" } });
    await setAnnotation(test.ctx, { runId: Number(failed.id), key: "note", value: "seen" });
    const retry = await aRealRun(failed.id);

    expect(await removeDemo(test.ctx)).toEqual({ removed: made.runs });
    expect(await findDemo(test.ctx)).toBeNull();
    expect(await test.db.run.findMany({ select: { id: true, retryOf: true }, orderBy: { id: "asc" } })).toEqual([{ id: real.id, retryOf: null }, { id: retry.id, retryOf: null }]);
    const after = await countRows();
    expect(after).toEqual({ ...before, runs: 2, run_units: 2, run_steps: 2, llm_calls: 4 });
    expect((await getRunStats(test.ctx, { by: null, tree: null })).total).toBe(2);
    expect(await removeDemo(test.ctx)).toEqual({ removed: 0 });
  });

  it("cannot be fooled: people cannot mark a run as demo", async () => {
    const real = await aRealRun();
    const { SetAnnotationInput } = await import("#lib/annotations/mutations");
    expect(SetAnnotationInput.safeParse({ runId: Number(real.id), key: DEMO_KEY, value: "x" }).success).toBe(false);
  });
});

it("pages cope with it: lists, one run of each status, statistics, stages", async () => {
  const { runs } = await createDemo(test.ctx, { days: 30 });
  expect((await list("limit=50")).rows).toHaveLength(50);
  for (const { stage, pipeline } of await test.db.run.findMany({ distinct: ["pipeline", "stage", "status"], select: { id: true, stage: true, pipeline: true } })) {
    const [row] = (await list(`stage=${stage}&pipeline=${pipeline}&limit=1`)).rows;
    expect(row?.stage).toBe(stage);
  }
  for (const { id, status } of await test.db.run.findMany({ distinct: ["pipeline", "stage", "status"], select: { id: true, status: true } })) {
    const runId = Number(id);
    const [run, units, steps] = await Promise.all([getRun(test.ctx, runId), listUnits(test.ctx, runId), listSteps(test.ctx, runId)]);
    expect(run.status).toBe(status);
    expect(units.rows.length).toBe(run.startedAt ? Math.min(200, run.unitsTotal + units.rows.filter(({ kind }) => kind !== "work").length) : 0);
    const [step] = steps.rows;
    if (step) expect(await getStepIo(test.ctx, runId, step.seq)).toBeDefined();
    await listRunLogs(test.ctx, runId);
  }
  const stats = await getRunStats(test.ctx, { by: "stage", tree: null });
  expect(stats.total).toBe(runs);
  expect(stats.llmCostUsd).toBeGreaterThan(1);
  expect(stats.groups.map(({ key }) => key)).toEqual(expect.arrayContaining(["mail/classify", "trading/signal", "trading/maintenance", "backtest/simulate"]));
  const [mail] = await listPipelines(test.ctx);
  expect(mail?.stages.map(({ rows, waiting }) => [rows, waiting])).toEqual(mail?.stages.map(() => [0, 0]));
  expect(mail?.stages.every(({ lastRun }) => lastRun !== null)).toBe(true);
  // Each signal says its account, symbol and timeframe, as the seed's table has them.
  const [desk] = await test.ctx.db.$queryRaw<{ signals: number; told: number; accounts: number }[]>`
    select count(*)::int as signals, count(t.run_id)::int as told, count(distinct t.account_id)::int as accounts
      from runs r left join trading_runs t on t.run_id = r.id and t.symbol = r.params->>'symbol' and t.timeframe = 'M15' and t.task_type = 'signal'
     where r.pipeline = 'trading' and r.stage = 'signal'`;
  expect(desk).toEqual({ signals: desk?.told, told: desk?.signals, accounts: 2 });
  await removeDemo(test.ctx);
  expect(await test.ctx.db.account.count()).toBe(0);
  // A signal takes account 1 unless told otherwise: the demo must not have used it up.
  expect(await test.ctx.db.account.create({ data: { name: "First", broker: "Paper broker", login: "first" }, select: { id: true } })).toEqual({ id: 1 });
});
