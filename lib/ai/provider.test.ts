import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import fc from "fast-check";
import { z } from "zod";
import { readAnswer } from "./answer.ts";
import { costOf } from "./prices.ts";
import { aiSnapshot, answerQuestion, LlmError } from "./provider.ts";

const Industry = z.object({ industry: z.string(), confidence: z.number().min(0).max(1) });
const question = { role: "classify", subject: "harbourlane.example", system: "You sort senders.", prompt: "Who is this?", schema: Industry, local: () => ({ industry: "local", confidence: 1 }) };
const never = new AbortController().signal;

type Asked = { url: string; authorization: string; body: { model: string; messages: { role: string; content: string }[] } };
let server: Server;
let answer: (response: ServerResponse, asked: Asked) => void;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    answer(response, { url: request.url ?? "", authorization: request.headers.authorization ?? "", body: JSON.parse(text) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => vi.unstubAllEnvs());

function configure(more: Record<string, string> = {}): string {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries({ PENSTOCK_AI_BASE_URL: `http://${host}/v1`, PENSTOCK_AI_MODEL: "gpt-4o-mini", PENSTOCK_AI_API_KEY: "sk-test", ...more })) vi.stubEnv(name, value);
  return host;
}
const say = (content: string, finish = "stop") => (response: ServerResponse) => {
  const body = { choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content } }], usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
};
const refuse = (status: number, message: string) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: { message } }));
};
async function failure(signal = never): Promise<LlmError> {
  const error = await answerQuestion(question, signal).then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof LlmError)) throw new Error(`Not an LlmError: ${error}`);
  return error;
}

test("without a provider the question answers itself, and says so", async () => {
  vi.stubEnv("PENSTOCK_AI_BASE_URL", "");
  expect(await answerQuestion(question, never)).toMatchObject({ value: { industry: "local" }, provider: "local", model: "local-analyser", responseRaw: null, totalTokens: null, costUsd: null });
  expect(aiSnapshot()).toEqual({ provider: "local", model: "local-analyser" });
});

test("asks the configured endpoint for JSON of the schema, and counts what it cost", async () => {
  const host = configure();
  let asked: Asked | undefined;
  answer = (response, seen) => {
    asked = seen;
    say('{"industry":"retail","confidence":0.7}')(response);
  };
  const got = await answerQuestion(question, never);
  expect(got).toMatchObject({ value: { industry: "retail", confidence: 0.7 }, provider: host, model: "gpt-4o-mini", inputTokens: 1000, outputTokens: 100, totalTokens: 1100, responseRaw: '{"industry":"retail","confidence":0.7}' });
  expect(got.costUsd).toBeCloseTo(0.00021, 8);
  expect(asked).toMatchObject({ url: "/v1/chat/completions", authorization: "Bearer sk-test", body: { model: "gpt-4o-mini" } });
  expect(asked?.body.messages[0]?.content).toContain('"confidence"');
  expect(aiSnapshot()).toEqual({ provider: host, model: "gpt-4o-mini" });
});

test("each way to fail has its sentence", async () => {
  const host = configure();
  answer = refuse(401, "bad key");
  expect((await failure()).message).toBe(`${host} refused the key (401). Check PENSTOCK_AI_API_KEY. It said: bad key`);
  answer = refuse(404, "no such model");
  expect((await failure()).message).toMatch(/has no model "gpt-4o-mini" \(404\)/);
  answer = refuse(429, "slow down");
  expect((await failure()).message).toMatch(/rate limit \(429\)/);
  answer = refuse(503, "away");
  expect(await failure()).toMatchObject({ message: `${host} failed with a server error (503). It said: away`, provider: host, model: "gpt-4o-mini", responseRaw: null });
  answer = (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  expect(await failure()).toMatchObject({ message: expect.stringMatching(/not with a chat completion/), responseRaw: "<h1>Welcome</h1>" });
  answer = (response) => void response.writeHead(200, { "content-type": "application/json" }).write("{", () => response.destroy());
  expect((await failure()).message).toMatch(/broke the connection off/);
  answer = (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(`{"a":"${"x".repeat(5_000_000)}`);
  };
  expect((await failure()).message).toBe(`${host} was cut off: its answer is longer than 4 MB.`);
});

test("an endpoint that is not there, and one that dawdles over its body, are told apart", async () => {
  // Port 9 and the like are refused by fetch itself; a port that was just given back is merely closed.
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  configure({ PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${port}/v1` });
  expect((await failure()).message).toMatch(new RegExp(`^Nothing listens at 127\\.0\\.0\\.1:${port}\\.`));
  const host = configure({ PENSTOCK_AI_TIMEOUT_MS: "200" });
  answer = (response) => void response.writeHead(200, { "content-type": "application/json" }).write("{");
  expect((await failure()).message).toBe(`${host} timed out after 0.2 s.`);
});

test("a cancelled run ends the call with the reason of the cancellation", async () => {
  configure();
  const controller = new AbortController();
  answer = () => controller.abort(new Error("cancelled"));
  await expect(answerQuestion(question, controller.signal)).rejects.toThrow(/^cancelled$/);
});

test("an answer that does not fit is kept with the reason", async () => {
  configure();
  answer = say('{"industry":"retail","confidence":7}');
  expect(await failure()).toMatchObject({ message: expect.stringMatching(/^The model's answer is not the JSON that was asked for: confidence: .*\.$/), responseRaw: '{"industry":"retail","confidence":7}' });
  answer = say("I would rather not say.");
  expect((await failure()).message).toBe("The model's answer is not the JSON that was asked for: it holds no JSON.");
  answer = say('{"industry":"ret', "length");
  expect((await failure()).message).toMatch(/cut off at the model's length limit/);
});

test("JSON is found in fences, between thoughts and courtesies, and whatever stands around it nothing throws", () => {
  const wanted = { industry: "a } ] ``` b", confidence: 0.5 };
  const json = JSON.stringify(wanted);
  for (const text of [json, `\`\`\`json\n${JSON.stringify({ industry: "x", confidence: 0.5 }, null, 2)}\n\`\`\``, `<think>{"industry":1}</think>Sure: ${json} Anything else?`, `{"not":"it"} but ${json}`]) {
    expect(readAnswer(text, Industry).ok, text).toBe(true);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (before, after) => {
    const read = readAnswer(`${before}${json}${after}`, Industry);
    return read.ok || /[{["`<\\]/.test(before + after);
  }));
  const started = performance.now();
  readAnswer("{".repeat(1_000_000), Industry);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a price is known by the model's name without maker and date, and unknown is not free", () => {
  expect(costOf("openai/gpt-4o-2024-11-20", 1_000_000, 0)).toBe(2.5);
  expect(costOf("llama3.2", 10, 10)).toBeNull();
  expect(costOf("constructor", 10, 10)).toBeNull();
  expect(costOf("gpt-4o", null, 10)).toBeNull();
});
