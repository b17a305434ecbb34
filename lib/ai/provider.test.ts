import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { parseEnv } from "#lib/env";
import { halfJson, html, rateLimited, say, serverError, startFakeProvider, type FakeProvider } from "#lib/testing/fake-provider";
import { type LlmError, LlmError as Failure, readRetryAfter, retryDelayMs } from "./llm-error.ts";
import { aiSnapshot, askEndpoint, rendered, type Repair, takesImages } from "./provider.ts";

const Industry = z.object({ industry: z.string(), confidence: z.number().min(0).max(1) });
const question = { role: "classify", subject: "harbourlane.example", system: "You sort senders.", prompt: "Who is this?", schema: Industry, local: () => ({ industry: "local", confidence: 1 }) };
const never = new AbortController().signal;

let provider: FakeProvider;
beforeAll(async () => { provider = await startFakeProvider(); });
afterAll(() => provider.close());
afterEach(() => vi.unstubAllEnvs());

function configure(more: Record<string, string> = {}, model?: string): void {
  for (const [name, value] of Object.entries({ ...provider.environment(model), ...more })) vi.stubEnv(name, value);
}
const ask = ({ repair = null, timeoutMs = 10_000, signal = never, images = undefined as typeof PICTURES | undefined }: { repair?: Repair | null; timeoutMs?: number; signal?: AbortSignal; images?: typeof PICTURES } = {}) =>
  askEndpoint(rendered({ ...question, images }, repair, takesImages()), { env: parseEnv(), timeoutMs, signal });
async function failure(more: Parameters<typeof ask>[0] = {}): Promise<LlmError> {
  const error = await ask(more).then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`Not an LlmError: ${error}`);
  return error;
}
const PICTURES = [{ mimeType: "image/png", base64: "iVBORw0KGgo=" }];

test("asks the configured endpoint for JSON of the schema; counts of every kind come back, none beyond what it is a part of", async () => {
  configure();
  provider.behave(say({ industry: "retail" }, { usage: { prompt_tokens: 1_000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 600 }, completion_tokens_details: { reasoning_tokens: 400 } } }));
  expect(await ask()).toEqual({ content: '{"industry":"retail"}', finishReason: "stop", inputTokens: 1_000, cachedTokens: 600, outputTokens: 100, reasoningTokens: 100, totalTokens: 1_100 });
  const asked = provider.asked.at(-1);
  expect(asked).toMatchObject({ path: "/v1/chat/completions", authorization: "Bearer sk-test", model: "gpt-4o-mini", prompt: "Who is this?", images: [] });
  expect(asked?.system).toContain('"confidence"');
  expect(aiSnapshot()).toEqual({ provider: provider.host, model: "gpt-4o-mini" });
  provider.behave(say("{}", { usage: null }));
  expect(await ask()).toMatchObject({ inputTokens: null, cachedTokens: null, totalTokens: null });
});

test("pictures go to models that take them, and a repair says what was wrong", async () => {
  configure();
  provider.behave(say({}));
  await ask({ images: PICTURES, repair: { answer: "prose", reason: "it holds no JSON" } });
  expect(provider.asked.at(-1)?.images).toEqual(["data:image/png;base64,iVBORw0KGgo="]);
  expect(provider.asked.at(-1)?.body.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
  expect(provider.asked.at(-1)?.prompt).toContain("it holds no JSON");
  configure({}, "llama3.2");
  await ask({ images: PICTURES });
  expect(provider.asked.at(-1)?.images).toEqual([]);
  configure({ PENSTOCK_AI_IMAGES: "true" }, "llama3.2");
  await ask({ images: PICTURES });
  expect(provider.asked.at(-1)?.images).toHaveLength(1);
});

test("each way to fail has its kind and its sentence", async () => {
  configure();
  const { host } = provider;
  const cases: [Parameters<FakeProvider["behave"]>[0], string, RegExp][] = [
    [{ kind: "status", status: 401, message: "bad key" }, "Refused", /refused the key \(401\)\. Check PENSTOCK_AI_API_KEY\. It said: bad key$/],
    [{ kind: "status", status: 404 }, "Refused", /has no model "gpt-4o-mini" \(404\)/],
    [{ kind: "status", status: 422 }, "Refused", /refused the question \(422\)/],
    [rateLimited("7"), "RateLimited", /rate limit \(429\)/],
    [serverError(503), "ServerError", /failed with a server error \(503\)\. It said: the model is away$/],
    [html(), "NotACompletion", /not with a chat completion/],
    [{ kind: "body", contentType: "application/json", text: '{"choices": [' }, "NotACompletion", /broken JSON/],
    [{ kind: "reset" }, "ConnectionLost", /broke the connection off/],
    [{ kind: "flood", bytes: 200_000_000 }, "TooLarge", /cut off: its answer is longer than 4 MB\.$/],
  ];
  for (const [how, kind, message] of cases) {
    provider.behave(how);
    const error = await failure();
    expect(error, message.source).toMatchObject({ kind, provider: host, model: "gpt-4o-mini" });
    expect(error.message).toMatch(message);
    expect(error.retryAfterMs).toBe(kind === "RateLimited" ? 7_000 : null);
  }
  provider.behave(halfJson());
  expect(await ask()).toMatchObject({ finishReason: "length", content: '{"signal":"BUY","confidence":0.' });
});

test("silence, a stalled answer and one that drips end with the time that a call has", async () => {
  configure();
  for (const how of [{ kind: "silent" }, { kind: "stall" }, { kind: "drip", everyMs: 20 }] as const) {
    provider.behave(how);
    expect(await failure({ timeoutMs: 300 })).toMatchObject({ kind: "TimedOut", message: `${provider.host} timed out after 0.3 s.` });
  }
});

test("an endpoint that is not there says so, one that leads elsewhere is not followed, and a cancelled run ends the call with its reason", async () => {
  // Port 9 and the like are refused by fetch itself; a port that was just given back is merely closed.
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  configure({ PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${port}/v1` });
  expect(await failure()).toMatchObject({ kind: "Unreachable", message: expect.stringMatching(new RegExp(`^Nothing listens at 127\\.0\\.0\\.1:${port}\\.`)) });

  let followed = 0;
  const elsewhere = createServer((request, response) => {
    if (request.url === "/elsewhere") followed += 1;
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  configure({ PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1` });
  expect(await failure()).toMatchObject({ kind: "Refused", message: expect.stringContaining("sends on to another address") });
  expect(followed).toBe(0);
  elsewhere.close();

  configure();
  const controller = new AbortController();
  provider.behave(() => {
    controller.abort(new Error("cancelled"));
    return { kind: "silent" };
  });
  await expect(ask({ signal: controller.signal })).rejects.toThrow(/^cancelled$/);
});

test("Retry-After is read as seconds or as a date; without it the wait grows, with jitter, to a bound", () => {
  const now = Date.parse("2026-03-01T00:00:00Z");
  expect([readRetryAfter("2", now), readRetryAfter("Sun, 01 Mar 2026 00:00:05 GMT", now), readRetryAfter("Sat, 28 Feb 2026 00:00:05 GMT", now), readRetryAfter("soon", now), readRetryAfter(null, now)]).toEqual([2_000, 5_000, 0, null, null]);
  const error = new Failure("x", { provider: "p", model: "m", kind: "ServerError" });
  expect([1, 2, 3, 30].map((attempt) => retryDelayMs(error, attempt, 0.999_999))).toEqual([500, 1_000, 2_000, 8_000]);
  expect(retryDelayMs(error, 3, 0)).toBe(0);
  expect(retryDelayMs(new Failure("x", { provider: "p", model: "m", kind: "RateLimited", retryAfterMs: 4_000 }), 1, 0)).toBe(4_000);
});
