/**
 * An OpenAI-compatible endpoint for tests, on loopback: `node fake-provider.ts <port>`.
 * `PUT /mode` says how it behaves from then on: `sane`, `nonsense` (no JSON), `refuse` (500), `slow` (sane, a second an answer).
 */
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const MODES = ["sane", "nonsense", "refuse", "slow"] as const;
type Mode = (typeof MODES)[number];
let mode: Mode = "sane";

const CLASSIFICATION = { industry: "software", company_size: "small", sophistication: 5, intent: "newsletter", relationship: "vendor", confidence: 0.8, summary: "A made-up answer." };
const DRAFT = { subject: "About our last talk", body: "Hello,\n\nI would like to pick this up again.\n\nBest regards" };

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
  const content = mode === "nonsense" ? "I would rather not say." : JSON.stringify(body.includes("company_size") ? CLASSIFICATION : DRAFT);
  const answer = { id: "1", object: "chat.completion", created: 0, model: "fake-1", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(process.argv[2]), "127.0.0.1");

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
