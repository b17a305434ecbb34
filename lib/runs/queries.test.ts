import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#lib/errors";
import { readRunsFilter } from "#lib/runs/filter";
import { estimateRest, getRun, listRuns } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
  // 210 runs: many share a start, a stage, a status and a number of items, so that every order is full of ties.
  await test.db.$executeRaw`
    insert into runs (pipeline, stage, status, started_at, completed_at, items_processed, error_message)
    select 'mail', (array['metadata', 'content', 'entities'])[1 + n % 3], status::run_status,
           case when status <> 'pending' and status <> 'skipped' then at end,
           case when status not in ('pending', 'running') then at + interval '1 s' end,
           n % 4,
           case when status = 'failed' then 'Connection error: 100% of_the ''budget'' \\ used by run ' || n end
      from (select n, timestamptz '2026-03-01 12:00Z' + (n / 10) * interval '1 min' as at,
                   (array['completed', 'failed', 'running', 'pending', 'skipped'])[1 + n % 5] as status
              from generate_series(1, 210) n) made`;
});
afterAll(() => test.drop());

const parse = (query: string) => readRunsFilter(new URLSearchParams(query)).filter;
const list = (query: string) => listRuns(test.ctx, parse(query));
const refused = (code: string) => expect.objectContaining({ name: "AppError", code });

/** All pages forward, then all the way back. */
async function walk(query: string) {
  const filter = parse(query);
  const pages = [await listRuns(test.ctx, filter)];
  for (let page = pages[0]; page?.nextCursor; ) {
    page = await listRuns(test.ctx, { ...filter, cursor: page.nextCursor });
    pages.push(page);
  }
  const back = [];
  for (let cursor = pages.at(-1)?.prevCursor; cursor; ) {
    const page = await listRuns(test.ctx, { ...filter, cursor });
    back.unshift(page);
    cursor = page.prevCursor;
  }
  return { pages: pages.map(({ rows }) => rows.map(({ id }) => id)), back: back.map(({ rows }) => rows.map(({ id }) => id)) };
}

describe("listRuns", () => {
  it.each(["", "sort=started", "sort=stage", "sort=-stage", "sort=status", "sort=-status", "sort=items", "sort=-items", "sort=created", "sort=-created", "sort=completed", "sort=-completed", "sort=duration", "sort=-duration", "status=failed&status=pending", "q=content"])(
    "pages through ties both ways without missing or repeating a run: %s",
    async (query) => {
      const { pages, back } = await walk(`${query}&limit=7`);
      const seen = pages.flat();
      const all = (await list(`${query}&limit=200`)).rows.length;
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThanOrEqual(Math.min(all, 200));
      expect(back).toEqual(pages.slice(0, -1));
    },
  );

  it("shows waiting runs on top, then the newest, and an unstarted skipped run at its end", async () => {
    const rows = (await list("limit=200")).rows;
    const firstStarted = rows.findIndex(({ status }) => status !== "pending");
    expect(firstStarted).toBe(42);
    expect(rows.slice(firstStarted).every(({ status }) => status !== "pending")).toBe(true);
    const times = rows.slice(firstStarted).map(({ startedAt, completedAt }) => (startedAt ?? completedAt)?.getTime() ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it("searches stage, status, error and number, with the wildcards of LIKE as plain characters", async () => {
    const count = async (q: string) => (await listRuns(test.ctx, readRunsFilter({ q, limit: "200" }).filter)).rows.length;
    expect(await count("100% of_the")).toBe(42);
    expect(await count("100%of")).toBe(0);
    expect(await count("_")).toBe(42);
    expect(await count("\\")).toBe(42);
    expect(await count("'budget'")).toBe(42);
    expect(await count("PEND")).toBe(42);
    expect(await count("Conten")).toBe(70);
    const [run] = (await list("q=%23123")).rows;
    expect(run?.id).toBe(123);
    expect((await list("q=123")).rows.map(({ id }) => id)).toContain(123);
  });

  it.each(["'; drop table runs; --", "' or '1'='1", "\\'; select pg_sleep(10); --", "${1}", "$1", "%27"])("takes %s as text", async (q) => {
    expect((await listRuns(test.ctx, readRunsFilter({ q }).filter)).rows).toEqual([]);
    expect((await list("limit=1")).rows).toHaveLength(1);
  });

  it("refuses a cursor of another filter", async () => {
    const { nextCursor } = await list("status=failed&limit=5");
    await expect(listRuns(test.ctx, { ...parse("status=pending"), cursor: nextCursor })).rejects.toEqual(refused("INVALID"));
    await expect(listRuns(test.ctx, { ...parse(""), cursor: "nonsense" })).rejects.toEqual(refused("INVALID"));
  });

  it("goes on after a page whose rows were deleted", async () => {
    const first = await list("sort=items&limit=5");
    await test.db.run.delete({ where: { id: first.rows.at(-1)?.id ?? 0 } });
    const second = await listRuns(test.ctx, { ...parse("sort=items&limit=5"), cursor: first.nextCursor });
    expect(second.rows).toHaveLength(5);
    expect(second.rows.some(({ id }) => first.rows.some((row) => row.id === id))).toBe(false);
  });
});

describe("one run", () => {
  it("says why it waits, and for whom", async () => {
    const blocker = await test.db.run.create({ data: { pipeline: "mail", stage: "metadata", status: "running", startedAt: new Date() } });
    const waiting = await test.db.run.create({ data: { pipeline: "mail", stage: "content", waitsFor: [blocker.id], groupId: blocker.id } });
    const detail = await getRun(test.ctx, Number(waiting.id));
    expect(detail.waiting).toEqual({ reason: "upstream", text: `Waiting for #${blocker.id} metadata to end.`, runs: [{ id: Number(blocker.id), stage: "metadata" }] });
    expect(detail.waitsFor).toEqual([{ id: Number(blocker.id), stage: "metadata", status: "running" }]);

    expect((await getRun(test.ctx, Number(blocker.id))).waiting?.text).toContain("none is alive");
    await test.db.worker.create({ data: { host: "h", pid: 1, version: "0", concurrency: 1 } });
    expect((await getRun(test.ctx, Number(blocker.id))).waiting).toBeNull();
  });

  it("names the known cause of its error, and keeps the message whole", async () => {
    const errorMessage = `connect ECONNREFUSED 127.0.0.1:11434 ${"x".repeat(500)}`;
    const { id } = await test.db.run.create({ data: { pipeline: "mail", stage: "classify", status: "failed", completedAt: new Date(), errorClass: "APIConnectionError", errorMessage } });
    const detail = await getRun(test.ctx, Number(id));
    expect(detail.errorMessage).toBe(errorMessage);
    expect(detail.cause?.title).toBe("The AI provider could not be reached");
    expect((await list("q=11434")).rows[0]?.errorMessage).toHaveLength(300);
  });

  it("is NOT_FOUND when it does not exist", async () => {
    await expect(getRun(test.ctx, 999_999)).rejects.toBeInstanceOf(AppError);
  });
});

describe("estimateRest", () => {
  const run = { itemsProcessed: 0, itemsFailed: 0, itemsTotal: null, unitsTotal: 0, unitsDone: 0, unitsFailed: 0 };
  it("goes by items, else by units, else says nothing", () => {
    expect(estimateRest({ ...run, itemsProcessed: 20, itemsFailed: 5, itemsTotal: 100 }, 10_000)).toBe(30_000);
    expect(estimateRest({ ...run, unitsDone: 1, unitsTotal: 4 }, 1_000)).toBe(3_000);
    expect(estimateRest({ ...run, itemsTotal: 100 }, 1_000)).toBeNull();
    expect(estimateRest({ ...run, itemsProcessed: 120, itemsTotal: 100 }, 1_000)).toBe(0);
  });
});
