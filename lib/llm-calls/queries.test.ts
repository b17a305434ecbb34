import { afterAll, beforeAll, expect, test } from "vitest";
import fc from "fast-check";
import { prune } from "#lib/retention/mutations";
import { inTransaction } from "#lib/ctx";
import { readFilterParams } from "#lib/filters/params";
import { parseFilter } from "#lib/filters/filter";
import { addPrice, AddPriceInput } from "#lib/llm-prices/mutations";
import { listPrices } from "#lib/llm-prices/queries";
import { getPrompt, getUsage, hasUsage, listPrompts, UsageRequest } from "#lib/llm-usage/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { CALL_SORTS } from "./fields.ts";
import { type CallsFilter, EVERY_CALL, toSearchParams } from "./address.ts";
import { parseCallsRequest, readCallsFilter } from "./filter.ts";
import { abandonCalls, beginCall, type CallStart, endCall, keepPrompt, recordCall } from "./mutations.ts";
import { type CallRow, countCalls, getCall, getCallFacets, listCalls, listCallsAt, listRunCalls, listStepCalls, readCalls } from "./queries.ts";

let test_: TestDatabase;
let runId: number;
let hadUsage: boolean;
const DAY = 86_400_000;
const MODELS = ["gpt-4o", "gpt-4o-mini", "llama3.2"];
beforeAll(async () => {
  test_ = await cloneDatabase();
  hadUsage = await hasUsage(test_.ctx);
  const run = await test_.db.run.create({ data: { pipeline: "mail", stage: "classify", status: "completed", triggeredBy: "cli", completedAt: new Date(), startedAt: new Date() } });
  runId = Number(run.id);
  await test_.db.runStep.create({ data: { runId: run.id, seq: 1, stepName: "ask", stepKey: "ask#1", status: "ok" } });
  // Many at the same moment and price, so that ties are many.
  await test_.db.$executeRaw`
    insert into llm_calls (run_id, pipeline, stage, provider, model, role, subject, status, template, template_version, input_tokens, output_tokens, total_tokens, cost_usd, duration_ms, error, created_at)
    select ${runId}, case when n % 5 > 0 then 'mail' else 'trading' end, case when n % 5 > 0 then 'classify' else 'signal' end, 'api.example', (array['gpt-4o', 'gpt-4o-mini', 'llama3.2'])[1 + n % 3], case when n % 2 = 0 then 'classify' else 'engage' end,
           'domain' || n % 7 || '.example', (case when n % 11 = 0 then 'error' else 'ok' end)::llm_call_status, 'classify-sender', 'v' || n % 2, 100 * (n % 4), 10, 100 * (n % 4) + 10,
           case when n % 3 < 2 then (n % 4) * 0.001 end, n % 9, case when n % 11 = 0 then 'it went wrong' end, date_trunc('day', now()) - (n % 6) * interval '1 day'
      from generate_series(1, 200) n`;
});
afterAll(() => test_.drop());

const start = (more: Partial<CallStart> = {}): CallStart => ({ runId, stepId: null, unitSeq: 1, unitAttempt: 1, pipeline: "mail", stage: "classify", provider: "api.example", model: "gpt-4o", role: "r", template: null, templateVersion: null, subject: null, attempt: 1, systemPrompt: "s", prompt: "p", ...more });
const everyPage = async (filter: CallsFilter): Promise<CallRow[]> => {
  const rows: CallRow[] = [];
  for (let cursor: string | null = null, first = true; first || cursor; first = false) {
    const page: Awaited<ReturnType<typeof listCalls>> = await listCalls(test_.ctx, { ...filter, cursor, limit: 17 });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  }
  return rows;
};

test.each(CALL_SORTS)("sorted by %s, each call is met once whichever way one walks", async (sort) => {
  const value = (row: CallRow): number => ({ created: row.createdAt.getTime(), cost: row.costUsd ?? -1, tokens: row.totalTokens ?? -1, duration: row.durationMs ?? -1 })[sort];
  for (const dir of ["asc", "desc"] as const) {
    const rows = await everyPage({ ...EVERY_CALL, sort, dir });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(200);
    expect(rows.map(({ id }) => id)).toEqual(rows.toSorted((a, b) => (value(a) - value(b) || a.id - b.id) * (dir === "asc" ? 1 : -1)).map(({ id }) => id));
  }
  const first = await listCalls(test_.ctx, { ...EVERY_CALL, sort, limit: 20 });
  const second = await listCalls(test_.ctx, { ...EVERY_CALL, sort, limit: 20, cursor: first.nextCursor });
  expect((await listCalls(test_.ctx, { ...EVERY_CALL, sort, limit: 20, cursor: second.prevCursor })).rows).toEqual(first.rows);
});

const PICKS: [string, (row: CallRow) => boolean][] = [
  ["status=error", (row) => row.status === "error"], ["status=error&status=ok", () => true], ["not.status=ok", (row) => row.status !== "ok"], ["pipeline=trading", (row) => row.pipeline === "trading"],
  ["stage=classify&model=gpt-4o", (row) => row.stage === "classify" && row.model === "gpt-4o"], ["subject=~main3", (row) => row.subject === "domain3.example"], ["role=engage", (row) => row.role === "engage"],
  ["cost=0.001..0.002", (row) => row.costUsd !== null && row.costUsd >= 0.001 && row.costUsd <= 0.002], ["cost=*", (row) => row.costUsd !== null], ["tokens=210..", (row) => (row.totalTokens ?? 0) >= 210], ["duration=..3", (row) => (row.durationMs ?? 9) <= 3],
  ["q=domain4", (row) => row.subject === "domain4.example"], ["q=engage", (row) => row.role === "engage"], ["q=%237", (row) => row.id === 7], ["error=wrong", (row) => row.error !== null], ["template=*", () => true],
];
test.each(PICKS)("%s: what a look at each call finds", async (query, fits) => {
  const all = await everyPage(EVERY_CALL);
  const filter = parseCallsRequest(new URLSearchParams(query));
  expect((await everyPage(filter)).map(({ id }) => id)).toEqual(all.filter(fits).map(({ id }) => id));
  expect(await countCalls(test_.ctx, filter.tree)).toMatchObject({ value: all.filter(fits).length, kind: "exact" });
  expect(toSearchParams(filter).toString()).toBe(new URLSearchParams(query).toString());
});

test("every address yields a list; programs hear of each mistake, and of keys that calls do not have", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom("status", "cost", "sort", "cursor", "limit", "q", "run", "filter", "created", "not.model", "x"), fc.string())), (pairs) => {
    const { filter } = readCallsFilter(new URLSearchParams(pairs));
    expect(readCallsFilter(toSearchParams(filter)).filter).toEqual(filter);
  }));
  for (const query of ["status=failed", "sort=subject", "limit=0", "x=1", "annotation.team=red", 'filter={"and":[{"value_equals":{"key":"system/pipeline_run.stage","value":"a"}}]}']) expect(() => parseCallsRequest(new URLSearchParams(query)), query).toThrow();
  expect(() => parseFilter({ and: [{ value_equals: { key: "system/llm_call.role", value: "a" } }] })).toThrow(/which runs do not have/);
  expect(readFilterParams(new URLSearchParams("role=a")).tree).toBeNull();
});

test("facets count what matches the rest; export, place and page give the same calls", async () => {
  const { tree } = parseCallsRequest(new URLSearchParams("status=error&model=gpt-4o"));
  const all = await everyPage(EVERY_CALL);
  const { values, ofNewest } = await getCallFacets(test_.ctx, { tree, field: "model" });
  expect(ofNewest).toBeNull();
  expect(Object.fromEntries(values.map(({ value, count }) => [value, count]))).toEqual(Object.fromEntries(MODELS.map((model) => [model, all.filter((row) => row.model === model && row.status === "error").length]).filter(([, n]) => n !== 0)));
  await expect(getCallFacets(test_.ctx, { tree, field: "cost" })).rejects.toMatchObject({ code: "INVALID" });
  const exported: CallRow[] = [];
  for await (const rows of readCalls(test_.ctx, EVERY_CALL)) exported.push(...rows);
  expect(exported).toEqual(all);
  expect(await listCallsAt(test_.ctx, { tree: null, limit: 30 }, 20)).toEqual(all.slice(20, 50));
  expect((await listRunCalls(test_.ctx, runId, { after: all.length / 2 })).rows).toHaveLength(100);
});

test("usage is the calls added up by hand, in total, by each side, and by day", async () => {
  const all = await everyPage(EVERY_CALL);
  const round = (usd: number) => Math.round(usd * 1e8);
  for (const by of ["model", "stage", "role", "template"] as const) {
    const usage = await getUsage(test_.ctx, UsageRequest.parse({ days: 10, by }));
    const keyOf = (row: CallRow) => ({ model: `${row.provider}/${row.model}`, stage: `${row.pipeline}/${row.stage}`, role: row.role, template: row.template ?? "" })[by];
    const expected = Map.groupBy(all, keyOf);
    expect(usage.groups.map(({ key }) => key).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const { key, ...sums } of usage.groups) {
      const own = expected.get(key) ?? [];
      expect(sums).toMatchObject({ calls: own.length, failed: own.filter(({ status }) => status === "error").length, priced: own.filter(({ costUsd }) => costUsd !== null).length, inputTokens: own.reduce((sum, { inputTokens }) => sum + (inputTokens ?? 0), 0) });
      expect(round(sums.costUsd)).toBe(round(own.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)));
    }
    expect(usage.series).toHaveLength(10);
    expect(usage.series.reduce((sum, { total }) => sum + total.calls, 0)).toBe(200);
    expect(usage.total.calls).toBe(200);
  }
  expect([hadUsage, await hasUsage(test_.ctx)]).toEqual([false, true]);
  expect((await getUsage(test_.ctx, UsageRequest.parse({ days: 1, granularity: "hourly", model: "gpt-4o" }))).total.calls).toBe(all.filter(({ model, createdAt }) => model === "gpt-4o" && createdAt.getTime() > Date.now() - DAY).length);
  expect((await listPrompts(test_.ctx)).find(({ name }) => name === "classify-sender")?.versions).toEqual(expect.arrayContaining([expect.objectContaining({ version: "v0", calls: 100 }), expect.objectContaining({ calls: 0, isCurrent: true, lastAt: null })]));
});

test("a call costs what held when it was made; a new price changes nothing that was, and no price is not free", async () => {
  const counts = { inputTokens: 1_000_000, cachedTokens: 400_000, outputTokens: 100_000, reasoningTokens: 50_000, totalTokens: 1_100_000 };
  const ask = async (model: string, provider = "api.example") => {
    const id = await beginCall(test_.ctx, start({ model, provider }));
    expect((await getCall(test_.ctx, id)).status).toBe("running");
    const { costUsd } = await endCall(test_.ctx, id, { model, provider }, { status: "ok", ...counts, durationMs: 5 });
    expect((await getCall(test_.ctx, id)).costUsd).toBe(costUsd);
    return costUsd;
  };
  // 0.6 at 2.5, 0.4 at 1.25, 0.1 at 10.
  expect(await ask("openai/gpt-4o-2024-11-20")).toBe(3);
  expect(await ask("nobody-knows-it")).toBeNull();
  await addPrice(test_.ctx, AddPriceInput.parse({ model: "Nobody-Knows-It", inputUsd: "0", outputUsd: "0" }));
  expect(await ask("nobody-knows-it")).toBe(0);
  await addPrice(test_.ctx, AddPriceInput.parse({ model: "gpt-4o", inputUsd: 1, outputUsd: 1, validFrom: new Date(Date.now() + DAY) }));
  expect(await ask("gpt-4o")).toBe(3);
  await addPrice(test_.ctx, AddPriceInput.parse({ model: "gpt-4o", provider: "here.example", inputUsd: 1, outputUsd: 1 }));
  expect(await ask("gpt-4o", "here.example")).toBe(1.1);
  expect(await ask("gpt-4o")).toBe(3);
  const prices = await listPrices(test_.ctx);
  expect(prices.filter(({ model, isCurrent }) => model === "o3" && isCurrent)).toHaveLength(1);
  const at = new Date("2030-01-01T00:00:00Z");
  await addPrice(test_.ctx, AddPriceInput.parse({ model: "m", inputUsd: 1, outputUsd: 1, validFrom: at }));
  await expect(addPrice(test_.ctx, AddPriceInput.parse({ model: "m", inputUsd: 2, outputUsd: 1, validFrom: at }))).rejects.toMatchObject({ code: "CONFLICT" });
  expect(AddPriceInput.safeParse({ model: "m", inputUsd: "", outputUsd: 1 }).success).toBe(false);
});

test("calls are append-only: neither changed nor deleted, but for their links, and for retention", async () => {
  const id = await beginCall(test_.ctx, start());
  const { db } = test_;
  await expect(db.$executeRaw`update llm_calls set prompt = 'another' where id = ${id}`).rejects.toThrow(/append-only/);
  await expect(db.$executeRaw`delete from llm_calls where id = ${id}`).rejects.toThrow(/append-only/);
  expect(await abandonCalls(test_.ctx, { runId, seq: 1, attempt: 1 }, "Its worker died")).toBe(1);
  expect(await getCall(test_.ctx, id)).toMatchObject({ status: "error", errorClass: "WorkerDied", costUsd: null });
  await endCall(test_.ctx, id, { model: "gpt-4o", provider: "p" }, { status: "ok", durationMs: 1 });
  expect((await getCall(test_.ctx, id)).status).toBe("error");
  for (const change of ["status = 'ok'", "cost_usd = 0", "response_raw = 'x'", "prompt = null", "created_at = now()", "run_id = 999999", "error = null"]) {
    await expect(db.$executeRawUnsafe(`update llm_calls set ${change} where id = ${id}`), change).rejects.toThrow(/append-only/);
  }
  await inTransaction(test_.ctx, async (tx) => {
    await tx.db.$executeRaw`select set_config('penstock.llm_calls', 'retention', true)`;
    await expect(tx.db.$executeRaw`update llm_calls set prompt = 'another' where id = ${id}`).rejects.toThrow(/append-only/);
  }).catch(() => {});
});

test("a deleted run takes its steps and leaves its calls, with a null link; retention takes both, and usage stays", async () => {
  const { db, ctx } = test_;
  const run = await db.run.create({ data: { pipeline: "mail", stage: "engage", status: "completed", triggeredBy: "cli", startedAt: new Date(), completedAt: new Date() } });
  const step = await db.runStep.create({ data: { runId: run.id, seq: 1, stepName: "ask", stepKey: "ask#1", status: "ok" } });
  await recordCall(ctx, start({ runId: Number(run.id), stepId: Number(step.id), stage: "engage", role: "kept" }), { status: "ok", responseParsed: { a: 1 }, durationMs: 3 });
  const [call] = await listStepCalls(ctx, Number(run.id), 1);
  expect(call).toMatchObject({ runId: Number(run.id), stepSeq: 1 });
  await db.run.delete({ where: { id: run.id } });
  expect(await getCall(ctx, call?.id ?? 0)).toMatchObject({ runId: null, stepSeq: null, pipeline: "mail", stage: "engage", responseParsed: { a: 1 } });

  const old = await db.run.create({ data: { pipeline: "mail", stage: "engage", status: "completed", triggeredBy: "cli", createdAt: new Date(Date.now() - 9 * DAY), startedAt: new Date(Date.now() - 9 * DAY), completedAt: new Date(Date.now() - 9 * DAY) } });
  await recordCall(ctx, start({ runId: Number(old.id), stage: "engage", role: "gone" }), { status: "ok", durationMs: 3 });
  const before = (await getUsage(ctx, UsageRequest.parse({ by: "role" }))).groups.find(({ key }) => key === "gone");
  await prune(ctx, { cutoffs: { runs: new Date(Date.now() - 8 * DAY), payloads: null } });
  expect(await db.llmCall.count({ where: { role: "gone" } })).toBe(0);
  expect((await getUsage(ctx, UsageRequest.parse({ by: "role" }))).groups.find(({ key }) => key === "gone")).toEqual(before);
});

test("what a version of a prompt said is kept with its first use, and never changes; what nobody kept is unknown", async () => {
  const { db, ctx } = test_;
  const old = { name: "retired", version: "aaaa", role: "r", system: "You were\0 here.", text: "Was {{it}}?" };
  await Promise.all([keepPrompt(ctx, old), keepPrompt(ctx, old)]);
  await keepPrompt(ctx, { ...old, text: "Something else under the same version" });
  await keepPrompt(ctx, { ...old, version: "bbbb", text: "Is {{it}}?" });
  for (const version of ["aaaa", "bbbb", "cccc"]) await recordCall(ctx, start({ template: "retired", templateVersion: version }), { status: "ok", durationMs: 1 });
  const prompt = await getPrompt(ctx, "retired");
  expect(prompt).toMatchObject({ name: "retired", stages: [], text: null });
  expect(prompt.versions.map(({ version, calls, text, system, isCurrent }) => ({ version, calls, text, system, isCurrent })).toSorted((a, b) => (a.version < b.version ? -1 : 1))).toEqual([
    { version: "aaaa", calls: 1, text: "Was {{it}}?", system: "You were\u2400 here.", isCurrent: false },
    { version: "bbbb", calls: 1, text: "Is {{it}}?", system: "You were\u2400 here.", isCurrent: false },
    { version: "cccc", calls: 1, text: null, system: null, isCurrent: false },
  ]);
  const [current, ...older] = (await getPrompt(ctx, "classify-sender")).versions;
  expect(current).toMatchObject({ isCurrent: true, text: expect.stringContaining("{{mail}}") });
  expect(older.map(({ version, text }) => [version, text]).toSorted()).toEqual([["v0", null], ["v1", null]]);
  await expect(getPrompt(ctx, "nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  for (const act of ["update prompt_texts set text = 'x'", "delete from prompt_texts", "truncate prompt_texts"]) await expect(db.$executeRawUnsafe(act), act).rejects.toThrow(/append-only/);
});
