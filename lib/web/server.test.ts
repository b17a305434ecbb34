/** The door of the web server over real HTTP, in a process of its own: forms of other sites, bombs, slow senders, too many requests. */
import { type ChildProcess, spawn } from "node:child_process";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OPERATIONS } from "#lib/api/operations/all";
import { makeKey } from "#lib/keys/mutations";
import { LIMITS } from "#lib/limits";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, signedIn } from "#lib/testing/people";
import { FILE_PATHS } from "./body-time.ts";

/** As `./penstock web` starts it. */
const AS_STARTED = ["--max-old-space-size=320", "--max-semi-space-size=4", "--no-concurrent-recompilation", "--max-optimized-bytecode-size=6000", "--conditions=react-server", "--disable-warning=ExperimentalWarning"];

type Door = { url: string; memoryKb(): Promise<number>; close(): Promise<void> };
let test: TestDatabase;
let door: Door;
let narrow: Door;
let cookie: string;
const keys: string[] = [];

async function open(env: Record<string, string>): Promise<Door> {
  const child: ChildProcess = spawn(process.execPath, [...AS_STARTED, "lib/testing/edge-process.ts"], { cwd: ROOT, env: { ...process.env, MALLOC_ARENA_MAX: "2", ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("The server has ended.");
    return value;
  };
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    url: await line(),
    memoryKb: async () => (child.stdin?.write("\n"), Number(await line())),
    close: async () => (child.stdin?.end(), void (await ended)),
  };
}

beforeAll(async () => {
  test = await cloneDatabase();
  const boss = await signedIn(test.db, "admin", "Boss");
  cookie = boss.cookie;
  for (const name of ["first", "second"]) keys.push((await makeKey({ db: test.db, actor: { ...admin("Boss"), userId: boss.userId } }, { name, role: "admin" })).token);
  [door, narrow] = await Promise.all([open({ DATABASE_URL: test.url, PENSTOCK_RATE_LIMIT: "0" }), open({ DATABASE_URL: test.url, PENSTOCK_RATE_LIMIT: "20" })]);
});
afterAll(async () => {
  await Promise.all([door?.close(), narrow?.close()]);
  await test.drop();
});

const SEARCH = "/api/v1/runs/search";
const isProblem = (response: Response) => response.headers.get("content-type") === "application/problem+json";

/** Every row that a person or program could have changed, counted and hashed, but for the log of what was refused and when a session was last used. */
async function state(): Promise<string> {
  const tables = await test.db.$queryRaw<{ name: string }[]>`select format('%I', table_name) as name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name not in ('audit_log', 'audit_entries', 'audit_chain', 'sessions') order by 1`;
  const told: string[] = [];
  for (const { name } of tables) {
    const [row] = await test.db.$queryRawUnsafe<{ hash: string }[]>(`select count(*) || md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as hash from ${name} t`);
    told.push(`${name} ${row?.hash}`);
  }
  return told.join("\n");
}

it("a form of another site, with the cookie of an admin, changes nothing by any operation", async () => {
  const writing = OPERATIONS.filter(({ method, path }) => method !== "get" && !path.endsWith("/search") && !path.endsWith("/preview"));
  expect(writing.length).toBeGreaterThan(30);
  const before = await state();
  const from: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, { origin: `${door.url}.evil.example` }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, {}];
  const wrong: string[] = [];
  for (const { method, path, body } of writing) {
    const url = door.url + path.replace("{pipeline}", "mail").replace("{stage}", "content").replace(/\{\w+\}/g, "1");
    const text = body && !("media" in body) ? JSON.stringify(body.example) : "x";
    for (const headers of from) {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]) {
        // A program that has a session and says application/json is no page of another site: a browser would have asked first.
        if (type === "application/json" && Object.keys(headers).length === 0) continue;
        const answer = await fetch(url, { method: method.toUpperCase(), headers: { ...headers, cookie, "content-type": type }, body: text });
        await answer.text();
        if (answer.status !== 403 || !isProblem(answer)) wrong.push(`${method} ${path} ${JSON.stringify(headers)} ${type}: ${answer.status}`);
      }
    }
    if (OPERATIONS.some((other) => other.path === path && other.method === "get")) continue;
    const link = await fetch(url, { headers: { cookie }, redirect: "manual" });
    await link.text();
    if (link.status !== 405) wrong.push(`get ${path}: ${link.status}`);
  }
  expect(wrong).toEqual([]);
  expect(await state()).toBe(before);
});

/** A body that is sent as it is made, without saying how long it will be. */
const chunked = (part: Uint8Array, times: number) => {
  let left = times;
  return new ReadableStream<Uint8Array>({ pull: (controller) => (left-- > 0 ? controller.enqueue(part) : controller.close()) });
};

it("bombs of JSON and gzip are refused within 5 s, and cost less than 50 MB at two at once, 150 MB at twenty", { timeout: 240_000 }, async () => {
  const json = { "content-type": "application/json", authorization: `Bearer ${keys[0]}` };
  const letters = Buffer.alloc(65_536, "a");
  const manyKeys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join(",")}}`;
  // Made once: what takes long to make would be counted as the server's time.
  const sent = (body: string | Uint8Array<ArrayBuffer>) => { const bytes = Buffer.from(body); return () => bytes; };
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  const bombs: [string, number[], Record<string, string>, () => BodyInit][] = [
    ["10 MB of text", [413], {}, sent(`{"filter":"${"a".repeat(10_000_000)}"}`)],
    ["10 MB of text in chunks, without a length", [413], {}, () => chunked(letters, 160)],
    ["a million keys", [413], {}, sent(manyKeys(1_000_000))],
    ["as many keys as fit", [400], {}, sent(manyKeys(80_000))],
    ["20,000 deep", [400], {}, sent("[".repeat(20_000))],
    ["deep as far as it fits", [400], {}, sent("[".repeat(LIMITS.bodyBytes - 1))],
    ["the same key twice", [400], {}, sent('{"limit":1,"limit":2}')],
    ["a prototype", [400], {}, sent('{"__proto__":{"isAdmin":true}}')],
    ["a number past all numbers", [400], {}, sent('{"limit":1e400}')],
    ["gzip of 200 MB", [415], { "content-encoding": "gzip" }, sent(bomb)],
    ["gzip inside of gzip", [415], { "content-encoding": "gzip, gzip" }, sent(gzipSync(bomb))],
  ];
  const send = async ([name, statuses, headers, make]: (typeof bombs)[number], limitMs = 60_000): Promise<string | null> => {
    const startedAt = performance.now();
    try {
      const answer = await fetch(door.url + SEARCH, { method: "POST", headers: { ...json, ...headers }, body: make(), duplex: "half" } as RequestInit);
      await answer.text();
      const tookMs = performance.now() - startedAt;
      return statuses.includes(answer.status) && isProblem(answer) && tookMs < limitMs ? null : `${name}: ${answer.status} after ${Math.round(tookMs)} ms`;
    } catch (error) {
      // The server has answered and hung up before all was sent: what it answered may be lost on the way.
      return statuses.includes(413) || statuses.includes(415) ? null : `${name}: ${String(error)}`;
    }
  };
  // For what is loaded at first use, and the room that a server at work has anyway.
  for (let round = 0; round < 25; round += 1) await Promise.all(Array.from({ length: 20 }, () => fetch(door.url + SEARCH, { method: "POST", headers: json, body: "{}" }).then((answer) => answer.text())));
  const before = await door.memoryKb();
  // Alone, so that it is the server's time and not that of our own sending.
  for (const one of bombs) expect(await send(one, 5_000)).toBeNull();
  for (const one of bombs) for (let pair = 0; pair < 5; pair += 1) expect((await Promise.all([send(one), send(one)])).filter(Boolean)).toEqual([]);
  const grownMb = ((await door.memoryKb()) - before) / 1_024;
  for (const one of bombs) expect((await Promise.all(Array.from({ length: 20 }, () => send(one)))).filter(Boolean)).toEqual([]);
  const floodMb = ((await door.memoryKb()) - before) / 1_024;
  expect(grownMb, `two at once; ${floodMb} MB for twenty`).toBeLessThan(50);
  expect(floodMb, `twenty at once, after ${grownMb} MB for two`).toBeLessThan(150);
  expect((await fetch(door.url + SEARCH, { method: "POST", headers: json, body: "{}" })).status).toBe(200);
});

it("a body that comes byte by byte is given up, and others are served meanwhile", { timeout: 60_000 }, async () => {
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname);
  let said = "";
  socket.on("data", (chunk) => { said += String(chunk); });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  socket.write(`POST ${SEARCH} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${keys[0]}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
  const drip = setInterval(() => socket.write(" "), 1_000);
  const startedAt = performance.now();
  expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
  while (!said.includes("\r\n\r\n") && performance.now() - startedAt < 40_000) await new Promise((resolve) => setTimeout(resolve, 50));
  const tookMs = performance.now() - startedAt;
  clearInterval(drip);
  socket.destroy();
  await closed;
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
  expect(said).toContain("application/problem+json");
  expect(tookMs).toBeGreaterThan(LIMITS.bodyMs - 1_000);
});

it("what a refusal leaves unread of a body is not in the way of the next request on its connection", { timeout: 60_000 }, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const send = (method: string, path: string, body?: Buffer) => new Promise<number | undefined>((resolve, reject) => {
    const sent = httpRequest(door.url + path, { method, agent, timeout: 8_000, headers: { authorization: `Bearer ${keys[0]}`, ...(body && { "content-type": "text/csv", "content-length": body.length }) } }, (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
    sent.on("socket", (socket) => socket.on("connect", () => ports.add(socket.localPort)));
    sent.on("timeout", () => sent.destroy(new Error(`${method} ${path} was not answered`))).on("error", reject).end(body);
  });
  for (let turn = 0; turn < 5; turn += 1) {
    expect(await send("POST", "/api/v1/pipelines/trading/imports?dates=undefined&symbol=constructor", Buffer.alloc(400_000, "a"))).toBe(400);
    // Looked into, and refused by its first bytes.
    expect(await send("POST", "/api/v1/pipelines/mail/imports?name=cat.mbox", Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(3_000_000)]))).toBe(400);
    expect(await send("GET", "/healthz")).toBe(200);
  }
  expect(ports.size, "connections").toBe(1);
  agent.destroy();
});

it("no operation waits for ever for a body that does not end: each is answered, and its connection cut", { timeout: 120_000 }, async () => {
  const { hostname, port } = new URL(door.url);
  const writing = OPERATIONS.filter(({ method, path }) => method !== "get" && !path.endsWith("/sample"));
  expect(writing.filter(({ body }) => body && "media" in body).map(({ path }) => path).sort()).toEqual([...FILE_PATHS].sort());
  const started = performance.now();
  const told = await Promise.all(writing.flatMap(({ method, path, body }) => ["Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "Content-Length: 1000\r\n\r\n{"].map(async (rest) => {
    const socket = connect(Number(port), hostname).on("error", () => {});
    let said = "";
    socket.on("data", (chunk) => { said += String(chunk); });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const type = body && "media" in body ? body.media : "application/json";
    socket.write(`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "999999")}${FILE_PATHS.includes(path) ? "?name=x_D1.csv" : ""} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${keys[1]}\r\nContent-Type: ${type}\r\n${rest}`);
    await closed;
    return { what: `${method} ${path} ${rest.slice(0, 9)}`, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0) };
  })));
  expect(told.filter(({ status }) => status < 200 || status >= 500)).toEqual([]);
  expect(told.filter(({ status }) => status === 408).length).toBeGreaterThan(30);
  // A file may pause the longest; then what was refused is waited for, so that its sender reads why.
  expect(performance.now() - started).toBeLessThan(LIMITS.fileIdleMs + LIMITS.bodyMs + 20_000);
});

it("of one key's requests no more pass than its rate, the rest are 429 with how long to wait; another key's pass", { timeout: 60_000 }, async () => {
  const ask = async (key = "") => {
    const answer = await fetch(`${narrow.url}/api/v1/pipelines`, { headers: { authorization: `Bearer ${key}` } });
    await answer.text();
    return answer;
  };
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: 150 }, () => ask(keys[0])));
  const tookS = (performance.now() - startedAt) / 1_000;
  const passed = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  expect(passed.length + refused.length).toBe(150);
  expect(passed.length).toBeGreaterThanOrEqual(60);
  expect(passed.length).toBeLessThanOrEqual(60 + Math.ceil(20 * tookS) + 1);
  for (const answer of refused) {
    expect(isProblem(answer)).toBe(true);
    expect(answer.headers.get("ratelimit-limit")).toBe("20");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  }
  expect(refused.length).toBeGreaterThan(0);
  expect((await ask(keys[1])).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(refused[0]?.headers.get("retry-after"))));
  expect((await ask(keys[0])).status).toBe(200);
});

it("no other site may read an answer, no answer is taken for another kind, and nobody signs in by an address", { timeout: 120_000 }, async () => {
  const wrong: string[] = [];
  const note = (isRight: boolean, what: string) => void (isRight || wrong.push(what));
  for (const { method, path } of OPERATIONS.filter((operation) => operation.method === "get" && operation.answer !== "text/event-stream")) {
    const address = door.url + path.replace("{pipeline}", "mail").replace("{stage}", "content").replace(/\{\w+\}/g, "1");
    for (const how of ["GET", "HEAD", "OPTIONS"]) {
      const { status, headers, body } = await fetch(address, { method: how, headers: { authorization: `Bearer ${keys[0]}`, origin: "https://evil.example" } });
      await body?.cancel();
      const type = headers.get("content-type") ?? "";
      const where = `${how} ${path}: ${status} ${type}`;
      note(![...headers.keys()].some((name) => name.startsWith("access-control-")), `${where}: lets another origin read`);
      note(headers.get("x-content-type-options") === "nosniff" && headers.get("cross-origin-resource-policy") === "same-origin", `${where}: may be taken for another kind`);
      note(/frame-ancestors 'none'/.test(headers.get("content-security-policy") ?? ""), `${where}: without a policy`);
      if (how === "GET" && status !== 204) note(/^(application\/(problem\+)?json|application\/(octet-stream|x-ndjson|vnd\.apache\.parquet)|text\/\w+;.*charset=utf-8)/i.test(type), `${where}: says not what it is`);
    }
    if (path.endsWith("openapi.json")) continue;
    for (const name of ["api_key", "access_token", "token", "key", "authorization"]) {
      const asked = await fetch(`${address}?${name}=${encodeURIComponent(keys[0] ?? "")}`, { method });
      const text = await asked.text();
      note(asked.status === 401 || !text.includes('"data"'), `${path}?${name}: ${asked.status}`);
    }
  }
  expect(wrong).toEqual([]);
});

it("nobody speaks by a socket of another protocol", async () => {
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname);
  const said = new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  expect(await said).toMatch(/^HTTP\/1\.1 403 /);
  socket.destroy();
});
