import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exportResponse } from "#lib/api/export";
import { resolveMe } from "#lib/filters/rules";
import { readRunsFilter } from "#lib/runs/filter";
import type { RunRow } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { evaluate, type OracleRun, seedOracle } from "#lib/testing/filter-oracle";
import { encodeRows } from "./encode.ts";
import { EXPORT_COLUMNS } from "./fields.ts";
import { countRuns } from "#lib/stats/queries";
import { readRuns } from "./queries.ts";

let test: TestDatabase;
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
});
afterAll(() => test.drop());

const filterOf = (query: string) => readRunsFilter(new URLSearchParams(query)).filter;
async function readAll(query: string, onBatch: (rows: RunRow[]) => Promise<void> | void = () => {}): Promise<RunRow[]> {
  const all: RunRow[] = [];
  for await (const rows of readRuns(test.ctx, filterOf(query))) {
    all.push(...rows);
    await onBatch(rows);
  }
  return all;
}
const MAIL = { value_equals: { key: "system/pipeline_run.pipeline", value: "mail" } };
/** Three thousand runs in one status, so that reading them takes several batches. */
const addMany = (stage: string, status: string, count = 3_000) =>
  test.db.$executeRaw`insert into runs (pipeline, stage, status, created_at, started_at, completed_at) select 'many', ${stage}, ${status}::run_status, timestamptz '2026-02-01Z' + n * interval '1 s', case when ${status} <> 'pending' then timestamptz '2026-02-01Z' + n * interval '1 s' end, case when ${status} <> 'pending' then timestamptz '2026-02-01Z' + n * interval '2 s' end from generate_series(1, ${count}::int) n`;

it("holds exactly what is filtered, in its order, and the count said before is that of its rows", async () => {
  const expected = runs.filter((run) => evaluate(MAIL, run, "test")).map(({ id }) => id);
  const rows = await readAll("pipeline=mail&sort=created");
  expect(rows.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
  expect(rows.map(({ createdAt }) => createdAt.getTime())).toEqual(rows.map(({ createdAt }) => createdAt.getTime()).toSorted((a, b) => a - b));
  const count = await countRuns(test.ctx, resolveMe({ and: [MAIL] }, "test"));
  expect(count).toMatchObject({ value: expected.length, kind: "exact" });
  expect(await countRuns(test.ctx, null)).toMatchObject({ value: runs.length, kind: "exact" });
  expect((await readAll("creator=me")).length).toBe(runs.filter(({ createdBy }) => createdBy === "test").length);
});

it.each(["-started", "started", "status", "-status", "-duration", "-items"])("runs that begin, end and are made in the middle of it: each once, none made later, ordered by %s", async (sort) => {
  const stage = `moves ${sort}`;
  await addMany(stage, "pending");
  await addMany(stage, "completed");
  const before = (await test.db.run.findMany({ where: { stage }, select: { id: true }, orderBy: { id: "asc" } })).map(({ id }) => Number(id));
  let batches = 0;
  const rows = await readAll(`stage=${encodeURIComponent(stage)}&sort=${sort}`, async () => {
    batches += 1;
    await test.db.$executeRaw`update runs set status = 'completed', started_at = now(), completed_at = now(), duration_ms = 5, items_processed = 7 where stage = ${stage} and status = 'running'`;
    await test.db.$executeRaw`update runs set status = 'running', started_at = now() where id in (select id from runs where stage = ${stage} and status = 'pending' order by id % 7, id limit 700)`;
    await addMany(stage, "completed", 50);
  });
  expect(batches).toBeGreaterThan(5);
  expect(rows.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(before);
});

it("whoever stops reading stops the questions to the database", async () => {
  await addMany("stops", "failed");
  const pieces = encodeRows(readRuns(test.ctx, filterOf("stage=stops")), "csv");
  await pieces.next();
  await pieces.next();
  await pieces.return(undefined);
  expect(await pieces.next()).toEqual({ done: true, value: undefined });

  const stop = new AbortController();
  const read = async () => {
    for await (const _ of readRuns(test.ctx, filterOf("stage=stops"), { signal: stop.signal })) stop.abort();
  };
  await expect(read()).rejects.toMatchObject({ name: "AbortError" });
});

it("nothing is read before the reader wants it: an untouched response has asked for two pieces at most", async () => {
  await addMany("lazy", "failed", 9_000);
  let asked = 0;
  const db = test.db.$extends({ query: { $queryRaw: ({ args, query }) => (asked++, query(args)) } });
  const response = await exportResponse({ ...test.ctx, db: db as never }, new URLSearchParams("format=ndjson&stage=lazy"), new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toBeLessThanOrEqual(4);
  const lines = (await response.text()).split("\n");
  expect(lines.length).toBe(9_001);
  expect(asked).toBeGreaterThanOrEqual(9);
});

it("Parquet reads back with its types, over several row groups", async () => {
  await addMany("groups", "failed", 45_000);
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeRows(readRuns(test.ctx, filterOf("sort=created")), "parquet")) pieces.push(piece);
  const file = Buffer.concat(pieces);
  const read = (await parquetReadObjects({ file: file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer })) as Record<string, unknown>[];
  const rows = await readAll("sort=created");
  expect(rows.length).toBeGreaterThan(45_000);
  expect(Object.keys(read[0] ?? {})).toEqual(EXPORT_COLUMNS.map(({ name }) => name));
  const plain = (row: Record<string, unknown>) => JSON.stringify(EXPORT_COLUMNS.map(({ name }) => row[name] ?? null), (_, value) => (typeof value === "bigint" ? Number(value) : value));
  expect(read.map(plain)).toEqual(rows.map(plain));
}, 60_000);

it("CSV through the response: the name has the date, Excel gets its mark, and parameters that do not belong are refused", async () => {
  const ask = (query: string) => exportResponse(test.ctx, new URLSearchParams(query), new AbortController().signal);
  const response = await ask("format=csv&bom=true&pipeline=mail");
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="penstock-runs-\d{4}-\d\d-\d\d\.csv"$/);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\r\n");
  expect(lines[0]).toBe(EXPORT_COLUMNS.map(({ name }) => name).join(","));
  expect(lines.length - 1).toBe(runs.filter(({ pipeline }) => pipeline === "mail").length);
  for (const query of ["", "format=xls", "format=csv&limit=5", "format=csv&cursor=x", "format=csv&nonsense=1", "format=csv&bom=perhaps"]) await expect(ask(query)).rejects.toThrow();
});
