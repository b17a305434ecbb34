/** Model calls as a real worker makes them: recorded attempts, repair, budgets, circuit, cancel, and what must never be stored. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRunStats } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { type Behaviour, type FakeProvider, halfJson, html, otherLanguage, prose, rateLimited, say, serverError, startFakeProvider } from "#lib/testing/fake-provider";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { cancelRun } from "./cancel.ts";
import { definePipeline, defineStage, type LlmLimits, promptTemplate, unit, wave } from "./define.ts";
import { triggerRun } from "./trigger.ts";

const Answer = z.object({ signal: z.enum(["BUY", "SELL", "HOLD"]), confidence: z.number().min(0).max(1) });
const GOOD = { signal: "BUY", confidence: 0.7 };
const template = promptTemplate("decide", { role: "decision", system: "You decide.", text: "What of {{symbol}}?" });

/** Asks `questions` times per unit; a failed question is an item that failed, or with `fallback` none at all. */
const asking = (name: string, llm?: LlmLimits) => defineStage(name, {
  title: name, description: "Asks", itemsName: "answers", rowsName: "answers", rows: async () => 0, waiting: async () => 0, llm, prompts: [template],
  params: z.object({ units: z.int().default(1), questions: z.int().default(1), fallback: z.boolean().default(false), parallel: z.boolean().default(false), prompt: z.string().default("What of EURUSD?") }),
  plan: async function* (_, { units }) {
    yield wave(Array.from({ length: units }, (_, index) => unit(`unit-${index}`, { index })));
  },
  unit: async (ctx) => {
    const one = async (index: number) => {
      try {
        await ctx.step(`ask ${index}`, null, async () => {
          const { value } = await ctx.llm.generate({ role: "decision", subject: "EURUSD", template, system: template.system, prompt: ctx.params.prompt, schema: Answer, local: () => ({ signal: "HOLD" as const, confidence: 0 }) });
          return value;
        });
        await ctx.write(async (_, items) => items.done());
      } catch (error) {
        if (!ctx.params.fallback) ctx.items.failed({ item: `question ${index}`, error });
      }
    };
    const all = Array.from({ length: ctx.params.questions }, (_, index) => index);
    if (ctx.params.parallel) await Promise.all(all.map(one));
    else for (const index of all) await one(index);
  },
});

let database: TestDatabase;
let worker: RunningWorker;
let provider: FakeProvider;

beforeAll(async () => {
  PIPELINES.push(definePipeline("asking", { title: "Asking", description: "For tests", stages: [asking("plain"), asking("narrow", { concurrency: 2 }), asking("frugal", { perRunUsd: 0.0005 }), asking("daily", { perDayUsd: 0.0005 })].map((stage) => ({ ...stage, exclusive: () => null })) }));
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => { throw error; } });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await provider?.close();
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

/** A provider of its own for each test: circuits are kept by address. */
async function configure(more: Record<string, string> = {}, model?: string): Promise<void> {
  provider = await startFakeProvider();
  for (const [name, value] of Object.entries({ ...provider.environment(model), ...more })) vi.stubEnv(name, value);
}
const start = (stage: string, params: Record<string, unknown> = {}) => triggerRun(database.ctx, { pipeline: "asking", stage, params });
const calls = (runId: number) => database.db.llmCall.findMany({ where: { runId }, orderBy: { id: "asc" } });
async function run(stage: string, params: Record<string, unknown> = {}) {
  const { runId } = await start(stage, params);
  const ended = await waitFor(`run ${runId} to end`, async () => {
    const found = await database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { steps: { orderBy: { seq: "asc" } } } });
    return found.completedAt && found;
  }, 60_000);
  return { ...ended, calls: await calls(runId) };
}

test("a call is recorded with everything that is known of it, and linked to its step and run", async () => {
  await configure();
  provider.behave(say(GOOD, { usage: { prompt_tokens: 1_000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 400 }, completion_tokens_details: { reasoning_tokens: 60 } } }));
  const { id, steps, calls: [call] } = await run("plain");
  expect(call).toMatchObject({
    runId: id, stepId: steps[0]?.id, pipeline: "asking", stage: "plain", provider: provider.host, model: "gpt-4o-mini", role: "decision", template: "decide", templateVersion: template.version, subject: "EURUSD",
    status: "ok", attempt: 1, prompt: "What of EURUSD?", responseRaw: JSON.stringify(GOOD), responseParsed: GOOD, error: null, finishReason: "stop",
    inputTokens: 1_000, cachedTokens: 400, outputTokens: 100, reasoningTokens: 60, totalTokens: 1_100,
  });
  expect(call?.systemPrompt).toMatch(/^You decide\.\n\nAnswer with one JSON value/);
  // 600 · 0.15 + 400 · 0.075 + 100 · 0.6, in millionths of a dollar.
  expect(Number(call?.costUsd)).toBe(0.00018);
  expect(call?.durationMs).toBeGreaterThanOrEqual(0);
});

test("an answer that does not fit is repaired once; each of its faces ends as an error of its own kind", async () => {
  await configure({ PENSTOCK_AI_TIMEOUT_MS: "400", PENSTOCK_AI_ATTEMPTS: "1" });
  for (const bad of [prose(), halfJson(), otherLanguage(), say({ signal: "BUY", confidence: 7 }), say("")]) {
    provider.behave([bad, say(GOOD)]);
    const repaired = await run("plain");
    expect(repaired).toMatchObject({ status: "completed", calls: [{ attempt: 1, status: "error", errorClass: "Unfit" }, { attempt: 2, status: "ok", responseParsed: GOOD }] });
    expect(repaired.calls[1]?.prompt).toContain("That is not the JSON that was asked for");
    provider.behave(bad);
    expect(await run("plain")).toMatchObject({ status: "failed", calls: [{ attempt: 1, errorClass: "Unfit" }, { attempt: 2, errorClass: "Unfit" }] });
  }
  const broken: [Behaviour, string][] = [[{ kind: "silent" }, "TimedOut"], [{ kind: "reset" }, "ConnectionLost"], [html(), "NotACompletion"], [{ kind: "flood", bytes: 200_000_000 }, "TooLarge"], [rateLimited("3600"), "RateLimited"]];
  for (const [how, errorClass] of broken) {
    provider.behave(how);
    const failed = await run("plain");
    expect(failed).toMatchObject({ status: "failed", calls: [{ attempt: 1, status: "error", errorClass, costUsd: null }] });
    expect(failed.steps[0]).toMatchObject({ status: "error", error: failed.calls[0]?.error });
  }
  provider.behave(say(GOOD, { usage: null }));
  expect(await run("plain")).toMatchObject({ status: "completed", calls: [{ status: "ok", inputTokens: null, totalTokens: null, costUsd: null, priceId: null }] });
});

test("a rate limit and a server error are asked again within the budget of attempts, each recorded", async () => {
  await configure({ PENSTOCK_AI_ATTEMPTS: "3" });
  provider.behave([rateLimited("0"), serverError(502), prose(), say(GOOD)]);
  const survived = await run("plain");
  expect(survived.status).toBe("completed");
  expect(survived.calls.map(({ attempt, status, errorClass }) => [attempt, status, errorClass])).toEqual([[1, "error", "RateLimited"], [2, "error", "ServerError"], [3, "error", "Unfit"], [4, "ok", null]]);
  provider.behave(rateLimited("0"));
  expect((await run("plain")).calls).toHaveLength(3);
});

test("the circuit opens after five faults in a row, asks nobody meanwhile, and closes once a question goes well", async () => {
  await configure({ PENSTOCK_AI_ATTEMPTS: "1", PENSTOCK_AI_PAUSE_MS: "1000" });
  provider.behave(serverError());
  const broken = await run("plain", { questions: 8 });
  expect(broken.calls.map(({ errorClass }) => errorClass)).toEqual([...Array(5).fill("ServerError"), ...Array(3).fill("CircuitOpen")]);
  expect(provider.asked).toHaveLength(5);
  expect(broken.calls[7]?.error).toMatch(/failed 5 times in a row and is left alone for 1 s: this question was not sent\.$/);
  provider.behave(say(GOOD));
  await waitFor("the circuit to let one through", async () => (await run("plain")).status === "completed");
  expect(await run("plain", { questions: 3 })).toMatchObject({ status: "completed", calls: [{ status: "ok" }, { status: "ok" }, { status: "ok" }] });
});

test("a stage makes no more calls at a time than it may", async () => {
  await configure();
  provider.behave(say(GOOD, { afterMs: 30 }));
  expect(await run("narrow", { units: 3, questions: 4, parallel: true })).toMatchObject({ status: "completed", itemsProcessed: 12 });
  expect(provider.open.most).toBe(2);
});

test("a spent budget stops the stage with its reason, after what was written and before the next call", async () => {
  // Each costs 0.00021.
  await configure();
  provider.behave(say(GOOD));
  const stopped = await run("frugal", { questions: 20, fallback: true });
  expect(stopped).toMatchObject({ status: "partial", itemsProcessed: 3, errorClass: "BudgetSpent", errorMessage: "The budget of asking/frugal is spent: its model calls have cost $0.0006 in this run, of $0.0005. Raise it, then retry what is left." });
  expect(stopped.calls).toHaveLength(3);
  const several = await run("frugal", { units: 3, questions: 3, fallback: true });
  expect(several.calls.length).toBeLessThanOrEqual(5);
  expect(several.status).not.toBe("completed");

  expect((await run("daily", { questions: 2 })).status).toBe("completed");
  expect((await run("daily", { questions: 2 })).calls).toHaveLength(1);
  expect(await run("daily")).toMatchObject({ status: "failed", calls: [], errorMessage: expect.stringContaining("today (UTC)") });

  vi.stubEnv("PENSTOCK_AI_RUN_BUDGET_USD", "0.0001");
  expect((await run("plain", { questions: 5 })).calls).toHaveLength(1);
  vi.stubEnv("PENSTOCK_AI_MODEL", "llama3.2");
  expect(await run("plain")).toMatchObject({ status: "failed", calls: [], errorMessage: expect.stringContaining("llama3.2 has no price to hold against it") });
});

test("a run that is cancelled in the middle of a call ends it, and the call says so", async () => {
  await configure({ PENSTOCK_AI_TIMEOUT_MS: "60000" });
  provider.behave({ kind: "silent" });
  const { runId } = await start("plain");
  await waitFor("the call to be under way", async () => (await calls(runId))[0]?.status === "running");
  await cancelRun(database.ctx, { runId });
  const [call] = await waitFor("the call to end", async () => {
    const found = await calls(runId);
    return found[0]?.status !== "running" && found;
  });
  expect(call).toMatchObject({ status: "cancelled", error: "The run was cancelled in the middle of it" });
  await waitFor("the run to end", async () => (await database.db.run.findUniqueOrThrow({ where: { id: runId } })).status === "cancelled");
});

test("secrets are never stored, whether known by value, in another form, or by their shape", async () => {
  const canaries = ["canary-key-93f1c2", "canary-password-77", "ghp_canaryCANARYcanary12345", "eyJhbGciOiJIUzI1.eyJzdWIiOiJjYW5hcnki.c2lnbmF0dXJl", "canary-token-in-json", "AKIACANARYCANARY1234"];
  const [key = "", password = ""] = canaries;
  await configure({ PENSTOCK_AI_API_KEY: key, SOME_DB_PASSWORD: password });
  const told = [key, Buffer.from(key).toString("base64"), encodeURIComponent(`${password}`), `postgres://u:${password}@h/db`, `Authorization: Bearer ${canaries[3]}`, canaries[2], canaries[3], `{"access_token": "${canaries[4]}"}`, canaries[5]].join("\n");
  provider.behave(() => say({ ...GOOD, note: told }));
  await run("plain", { prompt: told });
  provider.behave(say(told));
  await run("plain", { prompt: told });
  provider.behave({ kind: "status", status: 401, message: `no such key ${key}` });
  await run("plain");
  const stored = JSON.stringify(await database.db.$queryRaw`select c::text as text from llm_calls c`);
  for (const canary of [...canaries, Buffer.from(key).toString("base64")]) expect(stored.includes(canary), canary).toBe(false);
  expect(stored).toContain("[redacted]");
});

test("what the pages, the hours and the runs say of cost is the sum of the calls, to the last digit", async () => {
  await configure({ PENSTOCK_AI_CONCURRENCY: "4" });
  const tokens = fc.sample(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 200_000 })), { numRuns: 40, seed: 7 });
  let next = 0;
  provider.behave(() => {
    const [input, output, cached] = tokens[next++ % tokens.length] ?? [1, 1, 0];
    return say(GOOD, { usage: { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: { cached_tokens: cached } } });
  });
  const { id, calls: made } = await run("plain", { units: 4, questions: 10 });
  // By hand, in integers: millionths of a dollar a million tokens, at 0.15, 0.075 and 0.6.
  const expected = made.map(({ inputTokens, cachedTokens, outputTokens }) => (BigInt(inputTokens ?? 0) - BigInt(cachedTokens ?? 0)) * 150n + BigInt(cachedTokens ?? 0) * 75n + BigInt(outputTokens ?? 0) * 600n);
  expect(made).toHaveLength(40);
  expect(made.map(({ costUsd }) => Math.round(Number(costUsd) * 1e8))).toEqual(expected.map((billionths) => Number((billionths + 5n) / 10n)));
  const [sums] = await database.db.$queryRaw<Record<string, unknown>[]>`
    select (select sum(cost_usd)::text from llm_calls) as calls, (select sum(cost_usd)::text from llm_usage_hours) as hours,
           (select count(*)::int from llm_calls) as made, (select sum(calls)::int from llm_usage_hours) as counted,
           (select sum(cost_usd)::text from llm_calls where run_id = ${id}) as run`;
  expect(Number(sums?.hours)).toBe(Number(sums?.calls));
  expect(sums?.run).toBe((await database.db.llmCall.aggregate({ where: { runId: id }, _sum: { costUsd: true } }))._sum.costUsd?.toFixed(8));
  expect((await getRunStats(database.ctx, { by: "stage", tree: null })).llmCostUsd).toBeCloseTo(Number(sums?.calls), 8);
  expect(sums?.counted).toBe(sums?.made);
});
