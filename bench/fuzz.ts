/**
 * 20,000 hostile requests over HTTP, made from the declarations of the API: `node --conditions=react-server bench/fuzz.ts`.
 * PENSTOCK_URL is the server, PENSTOCK_API_KEY an admin's key of it; COUNT and SEED change how many and which. Use a server
 * that holds nothing of worth: what may be changed is changed. Ends with 1 when an answer is at fault.
 */
import { OPERATIONS } from "#lib/api/operations/all";
import { type HostileRequest, faultOfAnswer, hostileRequests } from "#lib/testing/hostile";

const { PENSTOCK_URL = "http://127.0.0.1:3000", PENSTOCK_API_KEY = "", COUNT = "20000", SEED = "1" } = process.env;
const AT_ONCE = 4;
/** Past this the slowest hundredth is too slow, in milliseconds. */
const P99_MS = 250;

const asked = OPERATIONS.filter(({ path }) => !path.endsWith("/sample"));
const each = Math.ceil(Number(COUNT) / asked.length);
const requests = asked.flatMap((operation, index) => hostileRequests(operation, { runs: [1, 2, 3], others: ["mail", "content", "team"] }, each, Number(SEED) * 1_000 + index));
const tookMs: number[] = [];
const faults: string[] = [];
const statuses = new Map<number, number>();
let next = 0;

async function ask(request: HostileRequest): Promise<void> {
  const startedAt = performance.now();
  const response = await fetch(PENSTOCK_URL + request.path, { method: request.method, headers: { authorization: `Bearer ${PENSTOCK_API_KEY}`, ...asSent(request.headers) }, body: request.body, signal: AbortSignal.timeout(30_000) });
  const type = response.headers.get("content-type") ?? "";
  const isStream = type.startsWith("text/event-stream");
  const text = isStream ? "" : await response.text();
  if (isStream) await response.body?.cancel();
  tookMs.push(performance.now() - startedAt);
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  const fault = faultOfAnswer(request, { status: response.status, type, text });
  if (fault) faults.push(`${request.method} ${request.path.slice(0, 160)} ${request.body?.slice(0, 160) ?? ""}\n  ${fault}`);
}

/** fetch sends no header that is empty or beyond Latin-1 as it is; those are asked of the handlers in the test. */
const asSent = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));

await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let request = requests[next++]; request; request = requests[next++]) await ask(request).catch((error: unknown) => faults.push(`${request.method} ${request.path.slice(0, 160)}: ${String((error as Error).cause ?? error)}`));
  }),
);
const sorted = tookMs.toSorted((a, b) => a - b);
const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
console.log(`${requests.length} requests: ${[...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`).join(", ")}`);
console.log(`p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms; ${faults.length} at fault`);
for (const fault of faults.slice(0, 30)) console.log(fault);
process.exitCode = faults.length > 0 || at(0.99) > P99_MS ? 1 : 0;
