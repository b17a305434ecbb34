/**
 * An OpenAI-compatible endpoint for tests, on loopback: `node fake-provider.ts <port>`.
 * `PUT /mode` says how it behaves from then on: `nonsense` (no JSON), `refuse` (500), `slow` (one answer a second).
 */
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const MODES = ["nonsense", "refuse", "slow"] as const;
type Mode = (typeof MODES)[number];
let mode: Mode = "nonsense";

createServer(async (request, response) => {
  const body = await read(request);
  if (request.url === "/mode") {
    const wanted = MODES.find((known) => known === body);
    if (wanted) mode = wanted;
    response.end(mode);
    return;
  }
  if (mode === "refuse") {
    response.writeHead(500, { "content-type": "application/json" }).end('{"error":{"message":"the model is away"}}');
    return;
  }
  if (mode === "slow") await sleep(1_000);
  const answer = { id: "1", object: "chat.completion", created: 0, model: "fake-1", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "I would rather not say." } }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(process.argv[2]), "127.0.0.1");

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
