import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAnnotation, setAnnotation } from "#lib/annotations/mutations";
import { inTransaction } from "#lib/ctx";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { changeRunStatus } from "#lib/runs/mutations";
import { foldRollups } from "#lib/stats/mutations";
import { countByStatus, getRunStats } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
  // The rollups hold whatever happens to calls; that nothing may happen to them is another rule (lib/llm-calls).
  await test.db.$executeRaw`alter table llm_calls disable trigger llm_calls_append_only`;
});
afterAll(() => test.drop());

const RUN_KEY = "r.created_by, r.at, r.pipeline, r.stage, r.status, r.triggered_by";
const SUMS = "sum(r.runs)::int as runs, sum(r.items)::int as items, sum(r.items_failed)::int as failed, sum(r.llm_calls)::int as calls, sum(r.llm_priced)::int as priced, sum(r.llm_cost_usd)::float8 as cost";
/** Runs that have ended with the columns of a delta, straight from the table. */
const RAW = `
  select coalesce(r.created_by, '') as created_by, date_trunc('hour', r.created_at, 'UTC') as at, r.pipeline, r.stage, r.status, r.triggered_by,
         case when r.duration_ms = 0 then -1 else floor(ln(r.duration_ms::float8) / ln(1.05::float8)) end::int as bucket,
         1 as runs, r.items_processed as items, r.items_failed, c.*
    from runs r
   cross join lateral (select count(*) as llm_calls, count(cost_usd) as llm_priced, coalesce(sum(cost_usd), 0) as llm_cost_usd from llm_calls where run_id = r.id) c
   where r.status not in ('pending', 'running')`;
const DAY = "date_trunc('day', at, 'UTC')";
const EVER = "timestamptz '-infinity'";
/** How each grain sees a run: its time, its creator, its trigger; and the last two of a duration. */
const GRAINS: Record<string, [at: string, creator: boolean, trigger: boolean, ofDuration: [creator: boolean, trigger: boolean] | null]> = {
  ever: [EVER, false, false, [false, false]], day: [DAY, false, false, [false, false]], hour: ["at", false, false, [false, false]],
  trigger: [EVER, false, true, [false, true]], trigger_day: [DAY, false, true, null], creator: [EVER, true, true, [true, false]], creator_day: [DAY, true, true, null],
};
const keyOf = (at: string, creator: boolean, trigger: boolean) => `${creator ? "created_by" : "'' as created_by"}, ${at} as at, pipeline, stage, status, ${trigger ? "triggered_by" : "null::run_trigger as triggered_by"}`;
const KEPT = "created_by, at, pipeline, stage, status, triggered_by";

const annotatedBy = (...nodes: unknown[]) => resolveMe(parseFilter({ and: [{ key_exists: { key: "team" } }, ...nodes] }), "ann");
const ANNOTATED = [
  annotatedBy(), annotatedBy({ value_contains: { key: "team", value_substring: "re" } }), annotatedBy({ value_equals: { key: "system/pipeline_run.created_by", value: "me" } }),
  annotatedBy({ time_range: { key: "system/pipeline_run.date.created_at", start_time: "2026-03-02T00:00:00Z" } }, { value_equals: { key: "system/pipeline_run.pipeline", value: "p1" } }),
];

/** What annotations say of their runs, and what is counted from that, beside what the runs say. */
async function expectAnnotationsExact(): Promise<void> {
  const wrong = await test.db.$queryRaw<object[]>`
    select a.run_id, a.key from run_annotations a join runs r on r.id = a.run_id
     where (a.run_created_at, a.run_status, a.run_triggered_by, a.run_pipeline, a.run_stage, a.run_created_by)
           is distinct from (r.created_at, r.status, r.triggered_by, r.pipeline, r.stage, r.created_by)`;
  expect(wrong).toEqual([]);
  for (const tree of ANNOTATED) {
    const rows = await test.db.$queryRaw<{ status: string; count: bigint }[]>`select r.status, count(*) from runs r where ${filterCondition(tree)} group by r.status`;
    expect((await countByStatus(test.ctx, tree)).counts).toEqual(Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)])));
  }
}

/** Every grain, its rows and the deltas that are not yet in them, and annotations, beside what the runs say. */
async function expectExact(): Promise<void> {
  await expectAnnotationsExact();
  const ask = (text: string) => test.db.$queryRawUnsafe<object[]>(text);
  for (const [grain, [at, creator, trigger, ofDuration]] of Object.entries(GRAINS)) {
    const sums = "runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd";
    const coarse = (source: string) => `select ${keyOf(at, creator, trigger)}, ${sums} from ${source}`;
    const grouped = (rows: string) => ask(`select ${RUN_KEY.replace("r.at", "r.at::text")}, ${SUMS} from (${rows}) r group by ${RUN_KEY} having sum(r.runs) <> 0 or sum(r.items) <> 0 or sum(r.llm_calls) <> 0 order by ${RUN_KEY}`);
    expect(await grouped(`select ${KEPT}, ${sums} from run_rollups where grain = '${grain}' union all ${coarse("run_rollup_deltas")}`), grain).toEqual(await grouped(coarse(`(${RAW}) raw`)));
    if (!ofDuration) continue;
    const timed = (rows: string) => ask(`select ${RUN_KEY.replace("r.at", "r.at::text")}, r.bucket::int, sum(runs)::int as runs from (${rows}) r where bucket is not null group by ${RUN_KEY}, r.bucket::int having sum(runs) <> 0 order by ${RUN_KEY}, r.bucket::int`);
    const coarseTimed = (source: string) => `select ${keyOf(at, ...ofDuration)}, bucket::int, runs from ${source}`;
    expect(await timed(`select ${KEPT}, bucket::int, runs from run_duration_rollups where grain = '${grain}' union all ${coarseTimed("run_rollup_deltas")}`), grain).toEqual(await timed(coarseTimed(`(${RAW}) raw`)));
  }
}

const insertRuns = (ended: boolean, count: number, n: number) => test.db.$executeRaw`
  insert into runs (pipeline, stage, status, created_by, triggered_by, created_at, completed_at, duration_ms, items_processed)
  select 'p' || i % 2, 's' || ${n}::int % 3, (case when not ${ended} then 'pending' when i % 3 = 0 then 'failed' else 'completed' end)::run_status,
         (array[null, '', 'ann', 'bob'])[1 + (i + ${n}::int) % 4], (array['web', 'cli'])[1 + i % 2]::run_trigger,
         timestamptz '2026-03-01Z' + ((i * 7 + ${n}::int) % 90) * interval '50 minutes', case when ${ended} then now() end, case when ${ended} and i % 5 > 0 then i * ${n}::int end, i
    from generate_series(1, ${count}::int) i`;
const some = (n: number, condition: string) => `(select id from runs where ${condition} order by id offset ${n % 5} limit ${1 + (n % 3)})`;
/** What can happen to runs, each with a number that says to which and how. */
const ACTS: Record<string, (n: number) => Promise<unknown>> = {
  insert: (n) => insertRuns(n % 2 === 0, 1 + (n % 9), n),
  start: async (n) => {
    for (const { id } of await test.db.$queryRawUnsafe<{ id: bigint }[]>(some(n, "status = 'pending'").slice(1, -1))) await changeRunStatus(test.ctx, Number(id), "running");
  },
  end: async (n) => {
    for (const { id } of await test.db.$queryRawUnsafe<{ id: bigint }[]>(some(n, "status = 'running'").slice(1, -1))) await changeRunStatus(test.ctx, Number(id), n % 2 ? "completed" : "failed");
  },
  progress: (n) => test.db.$executeRawUnsafe(`update runs set items_processed = items_processed + ${n % 7} where id in ${some(n, "true")}`),
  correct: (n) => test.db.$executeRawUnsafe(`update runs set created_by = 'cy', duration_ms = ${n}, created_at = created_at + interval '1 day' where id in ${some(n, "status = 'completed'")}`),
  rename: (n) => test.db.$executeRawUnsafe(`update runs set pipeline = 'p${n % 3}', triggered_by = 'cli' where id in ${some(n, "true")}`),
  annotate: async (n) => {
    for (const { id } of await test.db.$queryRawUnsafe<{ id: bigint }[]>(some(n, "true").slice(1, -1))) {
      await setAnnotation(test.ctx, { runId: Number(id), key: n % 3 ? "team" : "note", value: ["red", "blue", ""][n % 4] ?? "Redder" });
    }
  },
  annotateAll: (n) => test.db.$executeRawUnsafe(`insert into run_annotations (run_id, key, value) select id, 'team', 'RED' from runs where id in ${some(n, "true")} on conflict (run_id, key) do update set value = 'green'`),
  unannotate: async (n) => {
    for (const { id } of await test.db.$queryRawUnsafe<{ id: bigint }[]>(`select run_id as id from run_annotations where key = 'team' order by 1 offset ${n % 4} limit 2`)) await deleteAnnotation(test.ctx, { runId: Number(id), key: "team" });
  },
  delete: (n) => test.db.$executeRawUnsafe(`delete from runs where id in ${some(n, "true")}`),
  call: (n) => test.db.$executeRawUnsafe(`insert into llm_calls (run_id, provider, model, role, cost_usd) select id, 'p', 'm', 'r', ${n % 3 ? "0.5" : "null"} from runs where id in ${some(n, "true")}`),
  priced: (n) => test.db.$executeRawUnsafe(`update llm_calls set cost_usd = ${n % 4 ? n / 8 : "null"} where run_id in ${some(n, "true")}`),
  forget: (n) => test.db.$executeRawUnsafe(`delete from llm_calls where run_id in ${some(n, "true")}`),
  fold: (n) => test.db.$executeRawUnsafe(`select fold_run_rollups(${1 + (n % 12)})`),
  undo: (n) => inTransaction(test.ctx, async ({ db }) => {
    await db.$executeRawUnsafe(`update runs set status = 'failed', completed_at = now() where id in ${some(n, "true")}`);
    await db.$executeRawUnsafe("select fold_run_rollups(3)");
    throw new Error("undone");
  }).catch(() => {}),
};

describe("rollups and deltas", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(ACTS)), fc.nat(999)), { minLength: 20, maxLength: 40 });
  it.each([1, 2, 3, 4])("are what the runs say, whatever happened to them (%i)", async (seed) => {
    await test.db.$executeRaw`truncate runs cascade`;
    await insertRuns(true, 30, seed);
    await insertRuns(false, 15, seed);
    for (const [act, n] of fc.sample(steps, { seed, numRuns: 3 }).flat()) await ACTS[act]?.(n);
    await expectExact();
    while ((await foldRollups(test.ctx)) > 0);
    await expectExact();
    await test.db.$executeRaw`delete from runs`;
    while ((await foldRollups(test.ctx)) > 0);
    const [left] = await test.db.$queryRaw<object[]>`select (select count(*) from run_rollups)::int + (select count(*) from run_duration_rollups)::int as rows, (select count(*) from run_rollup_deltas)::int as deltas`;
    expect(left).toEqual({ rows: 0, deltas: 0 });
  });

  it("stay exact for every reader while runs end, are deleted, call models and are folded at the same time", async () => {
    await test.db.$executeRaw`truncate runs cascade`;
    await insertRuns(false, 240, 7);
    const ids = (await test.db.$queryRaw<{ id: bigint }[]>`select id from runs order by id`).map(({ id }) => Number(id));
    let isBusy = true;
    const until = async (act: () => Promise<unknown>) => { while (isBusy) await act(); };
    const call = (id: number) => test.db.$executeRaw`insert into llm_calls (run_id, provider, model, role, cost_usd) select id, 'p', 'm', 'r', 0.25 from runs where id = ${id}::bigint`;
    const seen: number[] = [];
    const watchers = Promise.all([until(() => foldRollups(test.ctx)), until(() => foldRollups(test.ctx)), until(async () => seen.push((await countByStatus(test.ctx, null)).total))]);
    await Promise.all([0, 1, 2].map(async (lane) => {
      for (const id of ids.filter((own) => own % 3 === lane)) {
        await changeRunStatus(test.ctx, id, "running");
        await Promise.all([changeRunStatus(test.ctx, id, "completed"), call(id), changeRunStatus(test.ctx, id, "failed")]);
      }
    }));
    isBusy = false;
    await watchers;
    expect(new Set(seen)).toEqual(new Set([240]));
    await expectExact();
    const stats = await getRunStats(test.ctx, { by: null, tree: null });
    expect([stats.total, stats.llmCalls, stats.llmCostUsd]).toEqual([240, 240, 60]);
    await Promise.all([...ids.map((id) => test.db.$executeRaw`delete from runs where id = ${id}::bigint`), foldRollups(test.ctx), foldRollups(test.ctx)]);
    expect(await countByStatus(test.ctx, null)).toMatchObject({ total: 0, counts: {} });
    await expectExact();
  });

  it("an annotation that is set while its run begins and ends knows how it ended", async () => {
    await test.db.$executeRaw`truncate runs cascade`;
    await insertRuns(false, 60, 7);
    const ids = (await test.db.$queryRaw<{ id: bigint }[]>`select id from runs order by id`).map(({ id }) => Number(id));
    let isBusy = true;
    const seen: number[] = [];
    const watcher = (async () => { while (isBusy) seen.push((await countByStatus(test.ctx, annotatedBy())).total); })();
    const set = (runId: number) => setAnnotation(test.ctx, { runId, key: "team", value: "red" });
    const bare = (runId: number) => test.db.$executeRaw`insert into run_annotations (run_id, key) values (${runId}::bigint, 'note')`;
    await Promise.all([0, 1, 2].map(async (lane) => {
      for (const id of ids.filter((own) => own % 3 === lane)) {
        await Promise.all([changeRunStatus(test.ctx, id, "running"), bare(id), set(id)]);
        await Promise.all([set(id), changeRunStatus(test.ctx, id, "failed"), setAnnotation(test.ctx, { runId: id, key: "late", value: "" }), changeRunStatus(test.ctx, id, "completed")]);
      }
    }));
    isBusy = false;
    await watcher;
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const { total, counts } = await countByStatus(test.ctx, annotatedBy());
    expect([total, (counts.completed ?? 0) + (counts.failed ?? 0)]).toEqual([60, 60]);
    await expectExact();
  });

  it("a run that ends before an annotation of it is committed waits, and the annotation hears of it", async () => {
    await test.db.$executeRaw`truncate runs cascade`;
    await insertRuns(false, 1, 1);
    const [run] = await test.db.$queryRaw<{ id: bigint }[]>`select id from runs`;
    const id = Number(run?.id);
    await changeRunStatus(test.ctx, id, "running");
    let end: Promise<unknown> = Promise.resolve();
    let isOver = false;
    await inTransaction(test.ctx, async ({ db }) => {
      await db.$executeRaw`insert into run_annotations (run_id, key) values (${id}::bigint, 'team')`;
      end = changeRunStatus(test.ctx, id, "completed").then(() => { isOver = true; });
      const isWaiting = async () => (await test.db.$queryRaw<object[]>`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length > 0;
      while (!isOver && !(await isWaiting()));
      expect(isOver).toBe(false);
    });
    await end;
    expect((await countByStatus(test.ctx, annotatedBy())).counts).toEqual({ completed: 1 });
  });

  it("are the same when they are built anew", async () => {
    await test.db.$executeRaw`truncate runs cascade`;
    await insertRuns(true, 50, 3);
    await ACTS.call?.(4);
    await test.db.$executeRaw`truncate run_rollups, run_duration_rollups, run_rollup_deltas`;
    await test.db.$executeRaw`select rebuild_run_rollups()`;
    await expectExact();
    await test.db.$executeRaw`truncate llm_calls`;
    await expectExact();
  });
});
