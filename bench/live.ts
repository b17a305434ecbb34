/**
 * The live stream under load: many readers of one web process, a steady flow of events, a reader that was away.
 *
 *   node --conditions=react-server bench/live.ts [readers, 1000] [events a second, 10] [seconds, 60]
 *
 * Counts what each reader lost and got twice, and how long an event took from before its transaction to the reader. The
 * server is `./penstock web` on the built pages, the readers are HTTP connections of this process on the same machine.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { openDb } from "#lib/db/client";
import { LIMITS } from "#lib/limits";
import { signedIn } from "#lib/testing/people";
import { signInTo, startWeb } from "./web.ts";

const READERS = Number(process.argv[2] ?? 1_000);
const PER_SECOND = Number(process.argv[3] ?? 10);
const SECONDS = Number(process.argv[4] ?? 60);
const cookies: string[] = [];
let opened = 0;
/** Five minutes at ten events a second. */
const MISSED = 3_000;
/** More than the server replays: MAX_REPLAYED in lib/live/sse.ts. */
const TOO_MANY = 5_000;
/** After the last event, for those still on their way, in milliseconds. */
const TAIL_MS = 3_000;

type Reader = { /** How often each event came, by its number. */ counts: Uint8Array; resyncs: number; progress: number; isReady: boolean; hasEnded: boolean; close(): void };

const database = await startEmbedded(join(ROOT, ".tmp/bench-live"));
const pool = new pg.Pool({ connectionString: database.url, max: 4 });
let web: ChildProcess | undefined;
try {
  await migrate(database.url);
  await pool.query("truncate runs restart identity cascade");
  await pool.query("insert into runs (pipeline, stage, status, started_at) values ('mail', 'content', 'running', now())");
  await pool.query("insert into run_events (run_id, type) values (1, 'run.pending')");
  await signInReaders();
  const started = await startWeb(database.url, join(ROOT, ".tmp/bench-live-home"));
  web = started.child;
  await measure(started.url);
} finally {
  web?.kill("SIGKILL");
  await pool.end();
  await database.stop();
}

async function measure(url: string): Promise<void> {
  const total = MISSED + PER_SECOND * SECONDS;
  const latencies: number[] = [];
  // The place of a reader before the events that it misses.
  const place = await lastId();
  await sendMany(MISSED, 0);

  const openedAt = performance.now();
  const readers: Reader[] = [];
  // The reader that was away is the last of those that the server takes.
  for (let n = 0; n < READERS - 1; n += 1) {
    readers.push(read(url, total, null, latencies));
    if (n % 50 === 49) await waitUntil("readers to be connected", () => readers.every(({ isReady }) => isReady));
  }
  await waitUntil("readers to be connected", () => readers.every(({ isReady }) => isReady));
  print(`${READERS - 1} readers connected`, `${((performance.now() - openedAt) / 1_000).toFixed(1)} s`);

  let away: Reader | undefined;
  const beganAt = performance.now();
  for (let n = 0; n < PER_SECOND * SECONDS; n += 1) {
    await sleep(Math.max(0, beganAt + (n * 1_000) / PER_SECOND - performance.now()));
    void send(MISSED + n);
    if (n === Math.floor((PER_SECOND * SECONDS) / 2)) away = read(url, total, place, []);
  }
  await sleep(TAIL_MS);

  const live = readers.map((reader) => tally(reader, MISSED, total));
  latencies.sort((a, b) => a - b);
  const at = (share: number) => `${(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN).toFixed(0)} ms`;
  print("events sent to each reader", PER_SECOND * SECONDS);
  print("received", latencies.length);
  print("lost / twice / told to load anew", `${sum(live, "lost")} / ${sum(live, "twice")} / ${readers.reduce((all, { resyncs }) => all + resyncs, 0)}`);
  print("latency p50 / p99 / worst", `${at(0.5)} / ${at(0.99)} / ${at(1)}`);
  print("progress in between, each", Math.round(readers.reduce((all, { progress }) => all + progress, 0) / readers.length));
  const back = away ? tally(away, 0, total) : { lost: Number.NaN, twice: Number.NaN };
  print(`back after ${MISSED} events, mid-load: lost / twice`, `${back.lost} / ${back.twice}`);

  away?.close();
  await sendMany(TOO_MANY + 1_000, total);
  const far = read(url, total + TOO_MANY + 1_000, place, []);
  await waitUntil("the far reader", () => far.resyncs > 0, 20_000);
  print(`back after more than ${TOO_MANY}`, "is told to load anew");

  const stoppedAt = performance.now();
  const gone = web ? once(web, "exit") : Promise.resolve();
  web?.kill("SIGTERM");
  await gone;
  await waitUntil("the streams to end", () => readers.every(({ hasEnded }) => hasEnded));
  print("server stopped, every stream ended", `${((performance.now() - stoppedAt) / 1_000).toFixed(1)} s`);
}

/** As many people as the readers need, since one may have so many streams and no more. */
async function signInReaders(): Promise<void> {
  await signInTo(database.url);
  const db = openDb(database.url, 1);
  for (let n = 0; n <= (READERS + 1) / LIMITS.streamsEach; n += 1) cookies.push((await signedIn(db, "viewer", `reader ${n}`)).cookie);
  await db.$disconnect();
}

/** Connects one reader; `place` is the event after which it goes on. */
function read(url: string, total: number, place: number | null, latencies: number[]): Reader {
  const reader: Reader = { counts: new Uint8Array(total), resyncs: 0, progress: 0, isReady: false, hasEnded: false, close: () => request.destroy() };
  let rest = "";
  const request = get(`${url}/api/v1/events`, { agent: false, headers: { cookie: cookies[Math.floor(opened++ / LIMITS.streamsEach)] ?? "", ...(place !== null && { "Last-Event-ID": String(place) }) } }, (response) => {
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      const now = Date.now();
      const messages = (rest + text).split("\n\n");
      rest = messages.pop() ?? "";
      for (const message of messages) {
        const type = /^event: (.+)$/m.exec(message)?.[1];
        if (type === "ready") reader.isReady = true;
        else if (type === "resync") reader.resyncs += 1;
        else if (type === "progress") reader.progress += 1;
        const n = /"n":(\d+)/.exec(message)?.[1];
        if (n === undefined) continue;
        reader.counts[Number(n)] = (reader.counts[Number(n)] ?? 0) + 1;
        latencies.push(now - Number(/"sentAt":(\d+)/.exec(message)?.[1]));
      }
    });
    response.on("close", () => {
      reader.hasEnded = true;
    });
  });
  request.on("error", () => {
    reader.hasEnded = true;
  });
  return reader;
}

type Tally = { lost: number; twice: number };

function tally({ counts }: Reader, from: number, to: number): Tally {
  return { lost: counts.subarray(from, to).filter((count) => count === 0).length, twice: counts.filter((count) => count > 1).length };
}

function sum(tallies: Tally[], what: keyof Tally): number {
  return tallies.reduce((all, one) => all + one[what], 0);
}

/** One event in a transaction of its own, told as the engine tells it. */
async function send(n: number): Promise<void> {
  await pool.query("with event as (insert into run_events (run_id, type, data) values (1, 'run.running', $1) returning run_id) select pg_notify('penstock', json_build_object('run', run_id)::text) from event", [JSON.stringify({ pipeline: "mail", stage: "content", status: "running", n, sentAt: Date.now() })]);
}

async function sendMany(count: number, from: number): Promise<void> {
  await pool.query("insert into run_events (run_id, type, data) select 1, 'run.running', jsonb_build_object('n', $2::int + n, 'sentAt', 0) from generate_series(0, $1::int - 1) n", [count, from]);
}

async function lastId(): Promise<number> {
  return Number((await pool.query("select max(id) as id from run_events")).rows[0].id);
}

async function waitUntil(what: string, probe: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) if (await probe()) return;
  throw new Error(`Waited ${timeoutMs} ms for ${what}`);
}

function print(what: string, figure: string | number): void {
  console.log(`${what.padEnd(52)}${String(figure).padStart(24)}`);
}
