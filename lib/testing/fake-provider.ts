/** An OpenAI-compatible endpoint on loopback that can be slow, wrong and broken: each question is answered as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const Part = z.object({ type: z.string(), text: z.string().optional(), image_url: z.object({ url: z.string() }).optional() });
const Body = z.looseObject({ model: z.string(), messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Part)]) })) });

/** A question as it arrived. */
export type Asked = {
  /** From 1, over the life of the server. */
  nth: number;
  path: string;
  authorization: string;
  model: string;
  system: string;
  /** What the user's messages say, the last one last. */
  prompt: string;
  /** Data addresses of the pictures that came with it. */
  images: string[];
  body: z.infer<typeof Body>;
};

export type Usage = { prompt_tokens: number; completion_tokens: number; total_tokens?: number; prompt_tokens_details?: { cached_tokens: number }; completion_tokens_details?: { reasoning_tokens: number } };

export type Behaviour =
  /** A chat completion that says `content`. `usage: null` leaves the counts out. */
  | { kind: "say"; content: string; usage?: Usage | null; finish?: string; afterMs?: number }
  | { kind: "status"; status: number; message?: string; retryAfter?: string; afterMs?: number }
  /** Accepts the question and never says a word. */
  | { kind: "silent" }
  /** The head of an answer, then nothing more. */
  | { kind: "stall" }
  /** A byte every `everyMs`, for ever. */
  | { kind: "drip"; everyMs: number }
  /** An answer of so many bytes, as fast as they are taken. */
  | { kind: "flood"; bytes: number }
  | { kind: "reset" }
  | { kind: "body"; contentType: string; text: string };

export const USAGE: Usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
/** Says this, or the JSON of it. */
export const say = (answer: unknown, more: Omit<Extract<Behaviour, { kind: "say" }>, "kind" | "content"> = {}): Behaviour => ({ kind: "say", content: typeof answer === "string" ? answer : JSON.stringify(answer), ...more });
export const prose = (): Behaviour => say("I would rather talk about the weather: it is fine today.");
export const otherLanguage = (): Behaviour => say("Der Markt sieht heute freundlich aus; ich würde eher kaufen als verkaufen.");
export const halfJson = (): Behaviour => say('{"signal":"BUY","confidence":0.', { finish: "length" });
export const rateLimited = (retryAfter = "0"): Behaviour => ({ kind: "status", status: 429, message: "slow down", retryAfter });
export const serverError = (status = 500): Behaviour => ({ kind: "status", status, message: "the model is away" });
export const html = (): Behaviour => ({ kind: "body", contentType: "text/html", text: "<h1>Welcome</h1>" });

export type FakeProvider = {
  /** What `PENSTOCK_AI_BASE_URL` takes. */
  url: string;
  /** As calls name it: host and port. */
  host: string;
  /** Every question so far. */
  asked: Asked[];
  /** How many questions are being answered at this moment, and how many were at most. */
  open: { now: number; most: number };
  /** From now on: one behaviour for all, a list that is gone through (its last stays), or a function of the question. */
  behave(how: Behaviour | [Behaviour, ...Behaviour[]] | ((asked: Asked) => Behaviour)): void;
  /** Points the environment of this process at it. Undo it by `vi.unstubAllEnvs` or by hand. */
  environment(model?: string): { PENSTOCK_AI_BASE_URL: string; PENSTOCK_AI_MODEL: string; PENSTOCK_AI_API_KEY: string };
  close(): Promise<void>;
};

/** Starts one on a free port of loopback. It says `{}` until told otherwise. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const asked: Asked[] = [];
  const open = { now: 0, most: 0 };
  let next: (question: Asked) => Behaviour = () => say({});
  const server = createServer(async (request, response) => {
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    response.once("close", () => { open.now -= 1; });
    response.on("error", () => {}).setMaxListeners(0);
    const question = await readQuestion(request, asked.length + 1);
    asked.push(question);
    await perform(next(question), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}/v1`;
  return {
    url, host, asked, open,
    behave(how) {
      if (typeof how === "function") next = how;
      else if (Array.isArray(how)) {
        const [first, ...later] = how;
        let current = first;
        const queue = [first, ...later];
        next = () => (current = queue.shift() ?? current);
      } else next = () => how;
    },
    environment: (model = "gpt-4o-mini") => ({ PENSTOCK_AI_BASE_URL: url, PENSTOCK_AI_MODEL: model, PENSTOCK_AI_API_KEY: "sk-test" }),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

async function readQuestion(request: IncomingMessage, nth: number): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Body.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  const parts = body.messages.map(({ role, content }) => ({ role, parts: typeof content === "string" ? [{ type: "text", text: content, image_url: undefined }] : content }));
  const textOf = (wanted: string) => parts.filter(({ role }) => role === wanted).flatMap(({ parts: own }) => own.flatMap(({ text }) => text ?? [])).join("\n");
  return {
    nth, body, model: body.model,
    path: request.url ?? "",
    authorization: request.headers.authorization ?? "",
    system: textOf("system"),
    prompt: textOf("user"),
    images: parts.flatMap(({ parts: own }) => own.flatMap(({ image_url }) => image_url?.url ?? [])),
  };
}

async function perform(how: Behaviour, response: ServerResponse): Promise<void> {
  const json = { "content-type": "application/json" };
  switch (how.kind) {
    case "say": {
      await sleep(how.afterMs ?? 0);
      const usage = how.usage === null ? {} : { usage: how.usage ?? USAGE };
      const completion = { id: "1", object: "chat.completion", created: 0, model: "fake", choices: [{ index: 0, finish_reason: how.finish ?? "stop", message: { role: "assistant", content: how.content } }], ...usage };
      response.writeHead(200, json).end(JSON.stringify(completion));
      return;
    }
    case "status":
      await sleep(how.afterMs ?? 0);
      response.writeHead(how.status, { ...json, ...(how.retryAfter !== undefined && { "retry-after": how.retryAfter }) }).end(JSON.stringify({ error: { message: how.message ?? "no" } }));
      return;
    case "silent":
      return;
    case "stall":
      response.writeHead(200, json).write('{"choices":[{"message":{"content":"');
      return;
    case "drip":
      response.writeHead(200, json);
      while (!response.destroyed && response.write(" ")) await sleep(how.everyMs);
      return;
    case "flood": {
      response.writeHead(200, json).write('{"choices":[{"message":{"content":"');
      const piece = "x".repeat(65_536);
      for (let sent = 0; sent < how.bytes && !response.destroyed; sent += piece.length) {
        if (!response.write(piece)) await new Promise<void>((resolve) => { response.once("drain", resolve); response.once("close", resolve); });
      }
      response.end('"}}]}');
      return;
    }
    case "reset":
      response.writeHead(200, json).write("{", () => response.socket?.resetAndDestroy());
      return;
    case "body":
      response.writeHead(200, { "content-type": how.contentType }).end(how.text);
  }
}
