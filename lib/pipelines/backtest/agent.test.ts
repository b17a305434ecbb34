/** Models behind an endpoint: sane ones, confused ones, ones that never stop, and endpoints that are not there. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startJob } from "#lib/backtests/mutations";
import { getJob, listModelDays, listSimulatedDays, listTalks } from "#lib/backtests/queries";
import { isOpenJob } from "#lib/backtests/rules";
import { makePrices, storePrices } from "#lib/testing/candles";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";

let database: TestDatabase;
let worker: RunningWorker;
let server: Server;
/** What the model says in its next turns; the last again and again. */
let turns: unknown[] = [];
let asked = 0;
let offered: string[] = [];
const fatal: Error[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => { body += chunk; }).on("end", () => {
      offered = ((JSON.parse(body) as { tools?: { function: { name: string } }[] }).tools ?? []).map((tool) => tool.function.name);
      const turn = turns[Math.min(asked, turns.length - 1)];
      asked += 1;
      if (turn === "silence") return;
      if (turn === "refuse") return void response.writeHead(400, { "content-type": "application/json" }).end('{"error":{"message":"no such thing"}}');
      if (Array.isArray(turn)) {
        const calls = turn.map(({ name, given }, at) => ({ id: `call-${at}`, type: "function", function: { name, arguments: given } }));
        return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ choices: [{ finish_reason: "tool_calls", message: { role: "assistant", content: "I call tools.", tool_calls: calls } }] }));
      }
      const content = typeof turn === "string" ? turn : JSON.stringify(turn);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ choices: [{ finish_reason: "stop", message: { role: "assistant", content } }], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, { PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, PENSTOCK_AI_MODEL: "trader-1", PENSTOCK_AI_TIMEOUT_MS: "1500", PENSTOCK_AI_ATTEMPTS: "1" });
  database = await cloneDatabase();
  await storePrices(database.db, makePrices(["AAA", "BBB"], "2025-01-01", 40));
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => fatal.push(error) });
});
afterAll(async () => {
  expect(fatal).toEqual([]);
  await worker.stop();
  await database.drop();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => { asked = 0; });

async function play(date: string, said: unknown[]) {
  turns = said;
  const { job } = await startJob(database.ctx, { params: { from: date, to: date, models: "ai:trader-1,cash" } });
  await waitFor("the job to end", async () => !isOpenJob((await getJob(database.ctx, job.jobId)).status), 30_000);
  const [day] = await listSimulatedDays(database.ctx, { jobId: job.jobId, model: "ai:trader-1" });
  const details = await listModelDays(database.ctx, job.jobId);
  return { job: await getJob(database.ctx, job.jobId), day, detail: details.find(({ model }) => model === "ai:trader-1"), cash: details.find(({ model }) => model === "cash"), talk: day && (await listTalks(database.ctx, [day.id])).get(day.id) };
}
const stop = { tool: "stop", arguments: { summary: "Bought a little of AAA." } };

test("a model looks, buys and stops; every turn is a step and a call in the audit", async () => {
  const { job, day, talk } = await play("2025-01-16", [
    { thought: "I look.", calls: [{ tool: "get_prices" }, { tool: "get_portfolio" }] },
    { thought: "I buy.", calls: [{ tool: "buy", arguments: { symbol: "AAA", quantity: 2 } }, stop] },
  ]);
  expect(job.status).toBe("completed");
  expect(day).toMatchObject({ summary: "Bought a little of AAA.", steps: 2, holdings: [{ symbol: "AAA", quantity: 2 }] });
  expect(talk?.said.filter(({ role }) => role === "assistant").map(({ content }) => content)).toEqual(["I look.", "I buy."]);
  const calls = await database.db.llmCall.findMany({ where: { runId: job.runId ?? 0 }, orderBy: { id: "asc" } });
  expect(calls.map(({ role, status, subject }) => [role, status, subject])).toEqual([["trader", "ok", "trader-1 2025-01-16"], ["trader", "ok", "trader-1 2025-01-16"]]);
  const steps = await database.db.runStep.findMany({ where: { runId: job.runId ?? 0, stepName: "turn" } });
  expect(steps).toHaveLength(2);
});

test("what it cannot pay, does not hold, or invents is refused to it, and it goes on", async () => {
  const { job, day, talk } = await play("2025-01-17", [
    { thought: "All in.", calls: [{ tool: "buy", arguments: { symbol: "AAA", quantity: 1_000_000 } }, { tool: "sell", arguments: { symbol: "BBB", quantity: 1 } }, { tool: "buy", arguments: { symbol: "MOON", quantity: 1 } }, { tool: "wire_money", arguments: { to: "me" } }] },
    { thought: "Then less.", calls: [{ tool: "sell", arguments: { symbol: "AAA", quantity: 1, price: 1e9, model: "cash", date: "1999-01-01" } }, stop] },
  ]);
  expect(job.status).toBe("completed");
  expect(talk?.tools.find(({ toolName }) => toolName === "buy")).toMatchObject({ calls: 2, refused: 2 });
  expect(talk?.tools.find(({ toolName }) => toolName === "unknown")).toMatchObject({ calls: 1, refused: 1 });
  // Date, model and price are ours, whatever a call says.
  expect(day).toMatchObject({ model: "ai:trader-1", date: "2025-01-17", holdings: [{ symbol: "AAA", quantity: 1 }] });
  expect(Number(day?.positions[0]?.price)).toBeLessThan(1_000);
});

test("one that never stops is stopped after thirty turns, and what it did stands", async () => {
  const { job, day } = await play("2025-01-20", [{ thought: "More.", calls: [{ tool: "get_prices" }] }]);
  expect(job.status).toBe("completed");
  expect(day).toMatchObject({ steps: 30, summary: "It did not stop by itself and was stopped after 30 turns." });
  expect(asked).toBe(30);
}, 60_000);

test("one that talks nonsense, is refused, or times out fails alone, with the reason; the others go on", async () => {
  for (const [date, said, reason] of [["2025-01-21", ["I would rather not say."], /not the JSON/], ["2025-01-22", ["refuse"], /refused the question/], ["2025-01-23", ["silence"], /timed out after 1.5 s/]] as const) {
    const { job, detail, cash, day } = await play(date, [...said]);
    expect(job.status).toBe("partial");
    expect(detail?.error).toMatch(reason);
    expect(cash?.status).toBe("completed");
    expect(day).toBeUndefined();
    asked = 0;
  }
}, 60_000);

test("a model with tool calls of its own is offered the tools, and its calls are taken; arguments that are no JSON are refused to it", async () => {
  const { job, day, talk } = await play("2025-01-24", [
    [{ name: "get_portfolio", given: "" }, { name: "buy", given: "{AAA" }],
    [{ name: "buy", given: '{"symbol": "BBB", "quantity": 1}' }, { name: "stop", given: '{"summary": "One BBB."}' }],
  ]);
  expect(offered).toEqual(["get_prices", "get_portfolio", "buy", "sell", "stop"]);
  expect(job.status).toBe("completed");
  expect(day).toMatchObject({ summary: "One BBB.", steps: 2 });
  expect(day?.holdings).toContainEqual(expect.objectContaining({ symbol: "BBB", quantity: 1 }));
  expect(talk?.tools.find(({ toolName }) => toolName === "buy")).toMatchObject({ calls: 2, refused: 1 });
});

test("several models on endpoints of their own compete beside each other; a file that is not right is refused with its fault", async () => {
  const seen: string[] = [];
  const other = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => { body += chunk; }).on("end", () => {
      seen.push(`${request.headers.authorization} ${(JSON.parse(body) as { model: string }).model}`);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ choices: [{ finish_reason: "stop", message: { role: "assistant", content: JSON.stringify({ thought: "I buy B.", calls: [{ tool: "buy", arguments: { symbol: "BBB", quantity: 1 } }, stop] }) } }] }));
    });
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "penstock-models-"));
  const path = join(folder, "models.yaml");
  const write = (text: string) => {
    writeFileSync(path, text);
    // Two writes within one tick of the file system's clock look the same.
    changed += 1_000;
    utimesSync(path, changed, changed);
  };
  let changed = 1_700_000_000;
  write(`- name: second\n  baseUrl: http://127.0.0.1:${(other.address() as AddressInfo).port}/v1\n  model: qwen3:8b\n  keyFrom: SECOND_KEY\n`);
  Object.assign(process.env, { PENSTOCK_MODELS: path, SECOND_KEY: "sk-second" });
  try {
    turns = [{ thought: "I buy A.", calls: [{ tool: "buy", arguments: { symbol: "AAA", quantity: 1 } }, stop] }];
    const { job } = await startJob(database.ctx, { params: { from: "2025-02-20", to: "2025-02-20", models: "ai:trader-1,ai:second,cash" } });
    await waitFor("the job to end", async () => !isOpenJob((await getJob(database.ctx, job.jobId)).status), 30_000);
    const days = await listSimulatedDays(database.ctx, { jobId: job.jobId });
    expect(days.map(({ model, positions }) => [model, positions[0]?.symbol])).toEqual([["ai:second", "BBB"], ["ai:trader-1", "AAA"], ["cash", null]]);
    expect(seen).toEqual(["Bearer sk-second qwen3:8b"]);
    const calls = await database.db.llmCall.findMany({ where: { runId: job.runId ?? 0 }, orderBy: { model: "asc" } });
    expect(calls.map(({ model }) => model)).toEqual(["qwen3:8b", "trader-1"]);

    const refused = () => startJob(database.ctx, { params: { from: "2025-02-21", to: "2025-02-21", models: "ai:second" } }).then(() => "was taken", (error: Error) => error.message);
    write("- name: second\n  baseUrl: ftp://x\n  key: sk-secret\n");
    expect(await refused()).toMatch(/0\.baseUrl is an http\(s\) address.*Unrecognized key: "key"/);
    write("- name: trader-1\n  baseUrl: http://127.0.0.1:1/v1\n");
    expect(await refused()).toContain('two models are called "trader-1", one of them by PENSTOCK_AI_MODEL');
    write("- name: third\n  baseUrl: http://127.0.0.1:1/v1\n");
    expect(await refused()).toMatch(/There is no model "ai:second".*ai:third/);
  } finally {
    delete process.env.PENSTOCK_MODELS;
    other.close();
    rmSync(folder, { recursive: true });
  }
});
