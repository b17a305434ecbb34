/**
 * The whole of `./penstock start`, each of its processes killed in turn while runs come in through REST and browsers read
 * along: all comes back by itself, or by the next start where it was the supervisor that died.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { makeKey } from "#lib/keys/mutations";
import { LIMITS } from "#lib/limits";
import { isAlive } from "#lib/process-alive";
import { ROOT } from "#lib/root";
import { type Act, checkHistory, type Fault } from "./check.ts";
import { childOf, type Launched, launch, postmasterOf } from "./launch.ts";
import { createWrites } from "./pipeline.ts";
import type { Random } from "./random.ts";
import { type Readers, startReaders } from "./readers.ts";
import type { Say } from "./run.ts";
import { countOpen, readState } from "./state.ts";

/** Units of a run, and items of a unit. */
const UNITS = ["a", "b", "c"];
const ITEMS = 4;
/** How long whatever was killed may take to be back, in milliseconds. */
const BACK_MS = 5_000;
const GIVE_UP_MS = 60_000;
const READERS = 100;
/** How long the web server may take to end when it is told to, with all of them reading, in milliseconds. */
const END_MS = 5_000;
const MAX_OPEN = 20;

const PIPELINE = `pipeline: plug
stages:
  - name: pull
    run: [sh, unit.sh]
    units: [${UNITS.join(", ")}]
    exclusive: false
`;
const PROGRAM = `echo "{\\"penstock\\":\\"items\\",\\"total\\":${ITEMS}}"
for item in ${Array.from({ length: ITEMS }, (_, n) => n).join(" ")}; do
  sleep 0.05
  echo '{"penstock":"items","done":1}'
done
echo '{"penstock":"step","name":"acted","status":"ok"}'
echo '{"penstock":"result","output":{"unit":"'"$PENSTOCK_UNIT"'"}}'
`;

export type StartOptions = { home: string; rounds: number; random: Random; seed: number; say: Say };

/** @returns how many faults there were */
export async function chaosOfStart({ home, rounds, random, seed, say }: StartOptions): Promise<number> {
  await startEmbedded(home).then((left) => left.stop(), () => {});
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, "pipelines"), { recursive: true });
  writeFileSync(join(home, "pipelines/plug.yaml"), PIPELINE);
  writeFileSync(join(home, "pipelines/unit.sh"), PROGRAM);
  const port = await freePort();
  // Somebody is there, as on every start but the first.
  const env = { PENSTOCK_PIPELINES: join(home, "pipelines"), PENSTOCK_ADMIN_EMAIL: "chaos@example.com", PENSTOCK_ADMIN_PASSWORD: "pulls every plug there is" };

  let own = await launch(home, port, env);
  const { url: databaseUrl } = await startEmbedded(home);
  const db = openDb(databaseUrl, 4);
  const ctx: Ctx = { db, actor: { kind: "cli", name: "chaos" } };
  await createWrites(db);
  const headers = await credentials(ctx, "operator");
  const readers = startReaders(READERS, own.url, await Promise.all(Array.from({ length: READERS / LIMITS.streamsEach }, () => credentials(ctx, "viewer"))));
  const asking = startAsking(ctx, own.url, headers, seed);
  const faults: Fault[] = [];
  try {
    const second = await launch(home, port, env).then(() => null, (error: Error) => error.message);
    if (second === null || !second.includes("already running")) faults.push({ class: "phantom", what: `A second start on the same folder ${second === null ? "began" : `said: ${second}`}` });

    const deeds: Record<string, () => Promise<void>> = {
      "web killed": () => endChild(own, "web", "SIGKILL"),
      "web told to end": async () => {
        const from = performance.now();
        await endChild(own, "web", "SIGTERM");
        const ms = Math.round(performance.now() - from);
        say(`web told to end, ${READERS} streams open: it has ended after ${ms} ms`);
        if (ms > END_MS) faults.push({ class: "stuck", what: `The web server ended only ${ms} ms after it was told to` });
      },
      "worker killed": () => endChild(own, "worker", "SIGKILL"),
      "database killed": async () => killDatabase(home),
      "all but the supervisor killed": async () => {
        // Who they are first: the worker ends by itself as soon as there is no database.
        const pids = await Promise.all([pidOf(own, "web"), pidOf(own, "worker")]);
        killDatabase(home);
        await Promise.all(pids.map((pid) => end(pid, "SIGKILL")));
      },
      "supervisor killed": async () => {
        own.child.kill("SIGKILL");
        await own.hasExited;
        own = await launch(home, port, env);
      },
      "supervisor and database killed": async () => {
        own.child.kill("SIGKILL");
        killDatabase(home);
        await own.hasExited;
        own = await launch(home, port, env);
      },
    };
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, act] of Object.entries(deeds)) {
        await sleep(random.int(500, 2_000));
        const before = await isBack(ctx, own, 0);
        if (!before) await untilBack(ctx, own, 0);
        const at = new Date();
        const from = performance.now();
        await act();
        await untilBack(ctx, own, at.getTime());
        const ms = Math.round(performance.now() - from);
        say(`${what}: all is back after ${ms} ms`);
        if (ms > BACK_MS) faults.push({ class: "stuck", what: `${what}: back only after ${ms} ms` });
      }
    }
    const acts = await asking.stop();
    for (const deadline = performance.now() + GIVE_UP_MS; performance.now() < deadline && (await countOpen(ctx).catch(() => 1)) > 0; ) await sleep(200);
    faults.push(...(await judge(ctx, acts, readers)));
    say(`seed ${seed}, load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors: ${faults.length === 0 ? "no fault" : `${faults.length} FAULTS`}`);
    say(`  ${acts.filter((act) => "runIds" in act && act.runIds).length} runs acknowledged through REST, ${asking.refused()} requests had no answer and were asked again; ${READERS} readers saw ${readers.seen()} events each and lost their connection ${readers.breaks()} times, ${readers.resyncs()} were told to look anew`);
    for (const fault of faults.slice(0, 50)) say(`  ${fault.class}: ${fault.what}`);
    if (faults.length > 0) writeFileSync(join(ROOT, ".tmp", `chaos-start-${seed}.log`), own.said.join("\n"));
  } finally {
    await Promise.allSettled([asking.stop(), readers.stop()]);
    await db.$disconnect().catch(() => {});
    own.child.kill("SIGINT");
    await own.hasExited;
  }
  if (postmasterOf(home) !== null) {
    say("  stuck: the database goes on after its supervisor has stopped");
    return faults.length + 1;
  }
  return faults.length;
}

/** What requests carry to be let in: the key of somebody of this role. */
async function credentials(ctx: Ctx, role: "operator" | "viewer"): Promise<Record<string, string>> {
  const { token } = await makeKey(ctx, { name: `chaos ${role}`, role });
  return { Authorization: `Bearer ${token}` };
}

function startAsking(ctx: Ctx, url: string, headers: Record<string, string>, seed: number): { stop(): Promise<Act[]>; refused(): number } {
  const acts: Act[] = [];
  let isStopping = false;
  let refused = 0;
  /** @returns the run; null when there was no answer, or the server could not. @throws Error for a refusal: there is nothing to refuse */
  async function askOnce(key: string): Promise<number | null> {
    let response: Response;
    let body: string;
    try {
      response = await fetch(`${url}/api/v1/pipelines/plug/stages/pull/runs`, { method: "POST", headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": key }, body: "{}", signal: AbortSignal.timeout(10_000) });
      body = await response.text();
    } catch {
      // The server died before, or in the middle of, its answer.
      return null;
    }
    if (response.ok) return (JSON.parse(body) as { data: { runId: number } }).data.runId;
    if (response.status >= 500) return null;
    throw new Error(`${response.status}: ${body}`);
  }
  async function ask(n: number): Promise<void> {
    const act = { act: "trigger" as const, key: `start-${seed}-${n}`, items: 0, units: UNITS.length };
    acts.push({ ...act, runIds: null });
    for (;;) {
      const answer = await askOnce(act.key);
      if (answer !== null) return void acts.push({ ...act, runIds: [answer] });
      refused += 1;
      await sleep(100);
    }
  }
  const asking = (async () => {
    for (let n = 0; !isStopping; n += 1) {
      await ask(n);
      while ((await countOpen(ctx).catch(() => 0)) > MAX_OPEN && !isStopping) await sleep(100);
    }
  })();
  return {
    refused: () => refused,
    stop: async () => {
      isStopping = true;
      await asking;
      return acts;
    },
  };
}

function killDatabase(home: string): void {
  const pid = postmasterOf(home);
  if (pid === null) throw new Error("There is no database");
  process.kill(pid, "SIGKILL");
}

const endChild = async (own: Launched, what: "web" | "worker", signal: NodeJS.Signals): Promise<void> => end(await pidOf(own, what), signal);

/** One that is being started is waited for. */
async function pidOf(own: Launched, what: "web" | "worker"): Promise<number> {
  for (const from = performance.now(); performance.now() - from < GIVE_UP_MS; await sleep(20)) {
    const pid = childOf(own, what);
    if (pid !== null) return pid;
  }
  throw new Error(`There is no ${what}:\n${own.said.slice(-20).join("\n")}`);
}

/** Resolves when the process is gone; it may be already. */
async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  if (isAlive(pid)) process.kill(pid, signal);
  for (const from = performance.now(); isAlive(pid) && performance.now() - from < GIVE_UP_MS; ) await sleep(10);
}

/** The pages answer, a worker of this start takes units, and something has begun since `since`, in milliseconds of the epoch. */
async function isBack(ctx: Ctx, own: Launched, since: number): Promise<boolean> {
  if (childOf(own, "web") === null || childOf(own, "worker") === null) return false;
  const isReady = await fetch(`${own.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(({ ok }) => ok, () => false);
  if (!isReady) return false;
  const rows = await ctx.db.$queryRaw<unknown[]>`
    select 1 from workers w join run_units u on u.worker_id = w.id
     where w.stopped_at is null and w.heartbeat_at > now() - interval '3 s' and u.started_at > ${new Date(since)} limit 1`.catch(() => []);
  return rows.length > 0;
}

async function untilBack(ctx: Ctx, own: Launched, since: number): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await isBack(ctx, own, since))) {
    if (performance.now() > deadline) throw new Error(`It does not come back:\n${own.said.slice(-20).join("\n")}`);
    await sleep(50);
  }
}

/** What the checker of all chaos finds, and what only these runs promise: every item of every unit counted once, each event read once. */
async function judge(ctx: Ctx, acts: Act[], readers: Readers): Promise<Fault[]> {
  const state = await readState(ctx);
  const faults = checkHistory({ acts, effects: [], state });
  const items = UNITS.length * ITEMS;
  for (const run of state.runs) {
    if (run.status !== "completed") faults.push({ class: "lost", what: `Run #${run.id} ended ${run.status}` });
    if (run.itemsProcessed !== items) faults.push({ class: run.itemsProcessed < items ? "lost" : "duplicate", what: `Run #${run.id} counts ${run.itemsProcessed} of ${items} items` });
    const acted = state.steps.filter(({ runId, key, status }) => runId === run.id && key.startsWith("acted") && status === "ok").length;
    if (acted !== UNITS.length) faults.push({ class: acted < UNITS.length ? "lost" : "duplicate", what: `Run #${run.id} recorded ${acted} of ${UNITS.length} steps` });
  }
  const ids = (await ctx.db.$queryRaw<{ id: bigint }[]>`select id from run_events order by id`).map(({ id }) => Number(id));
  for (const deadline = performance.now() + 15_000; readers.judge(ids).some((fault) => fault.class === "lost") && performance.now() < deadline; ) await sleep(200);
  return [...faults, ...readers.judge(ids)];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
