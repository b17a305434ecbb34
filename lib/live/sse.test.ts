import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Entry, entryOf } from "#lib/auth/still-in";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { closeAllStreams, openStream } from "#lib/live/sse";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, person, signedIn } from "#lib/testing/people";
import { waitFor } from "#lib/testing/wait";

let test: TestDatabase;
let runId: number;
beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  runId = Number((await test.db.run.create({ data: { pipeline: "mail", stage: "content" } })).id);
});
afterAll(async () => {
  await closeAllStreams();
  const held = globalThis as { penstockDb?: typeof test.db };
  await held.penstockDb?.$disconnect();
  await test.drop();
});

/** A reader that keeps what it was told. */
async function read(options: { runId?: number; lastEventId?: bigint; entry?: Entry | null } = {}) {
  const stream = await openStream({ runId: options.runId ?? null, lastEventId: options.lastEventId ?? null, entry: options.entry ?? null });
  const reader = stream.getReader();
  let text = "";
  const ended = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += new TextDecoder().decode(part.value);
  })();
  const messages = () => text.split("\n\n").slice(0, -1).map((message) => ({ id: Number(/^id: (\d+)$/m.exec(message)?.[1]), type: /^event: (.+)$/m.exec(message)?.[1] ?? "" }));
  await waitFor("the head of the stream", async () => text.includes("retry:"));
  return { ended, text: () => text, ids: () => messages().filter(({ type }) => /^(run|import)\./.test(type)).map(({ id }) => id), types: () => messages().map(({ type }) => type), cancel: () => reader.cancel() };
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  return client;
}

const write = async (client: pg.Client, type = "run.running"): Promise<number> => {
  const { rows } = await client.query("insert into run_events (run_id, type) values ($1, $2) returning id", [runId, type]);
  await client.query("select pg_notify('penstock', $1)", [JSON.stringify({ run: runId })]);
  return Number(rows[0].id);
};

it("misses no event whose transaction commits after a later id was told, and replays in the same order", async () => {
  const [slow, quick] = [await connect(), await connect()];
  const reader = await read();
  await waitFor("the stream to be live", async () => reader.types().includes("ready"));
  const before = await write(quick);
  await slow.query("begin");
  const late = await write(slow);
  const early = await write(quick);
  await waitFor("the first event", async () => reader.ids().includes(before));
  await slow.query("commit");
  await waitFor("all events", async () => reader.ids().length === 3);
  expect(reader.ids().toSorted()).toEqual([before, late, early].toSorted());

  const again = await read({ lastEventId: BigInt(before) });
  await waitFor("the replay", async () => again.ids().length === 2);
  expect(again.ids()).toEqual(reader.ids().slice(1));
  await waitFor("progress", async () => reader.types().includes("progress"));
  for (const client of [slow, quick]) await client.end();
});

it("keeps to one run, and tells a reader whose past is gone to load anew", async () => {
  const client = await connect();
  const other = await read({ runId: runId + 1 });
  const lost = await read({ lastEventId: 999_999n });
  const all = await read();
  await waitFor("the streams to be live", async () => [other, lost, all].every((reader) => reader.types().includes("ready")));
  await write(client);
  await waitFor("the event", async () => all.ids().length === 1 && lost.ids().length === 1);
  expect(other.ids()).toEqual([]);
  expect(lost.types()).toContain("resync");
  await client.end();
});

it("tells of what belongs to no run, to those who listen to everything", async () => {
  const client = await connect();
  const all = await read();
  const one = await read({ runId });
  await waitFor("the streams to be live", async () => [all, one].every((reader) => reader.types().includes("ready")));
  await client.query("insert into run_events (run_id, type, actor) values (null, 'import.completed', 'anna')");
  await client.query("select pg_notify('penstock', '{\"import\" : 4}')");
  // Sooner than the next look that nobody asked for.
  await waitFor("the event", async () => all.types().includes("import.completed"), 3_000);
  expect(all.text()).toMatch(/"runId":null/);
  await write(client);
  await waitFor("the run's own", async () => one.ids().length === 1);
  expect(one.types()).not.toContain("import.completed");
  for (const reader of [all, one]) await reader.cancel();
  await client.end();
});

it("gives back what passed in five minutes at ten a second, each once; whoever missed more is told to load anew", async () => {
  const client = await connect();
  const from = await write(client);
  const insert = (count: number) => client.query("insert into run_events (run_id, type) select $1, 'run.running' from generate_series(1, $2::int) returning id", [runId, count]);
  const { rows: missed } = await insert(3_000);
  const back = await read({ lastEventId: BigInt(from) });
  await waitFor("all that was missed", async () => back.ids().length >= 3_000);
  const live = await write(client);
  await waitFor("what comes then", async () => back.ids().includes(live));
  expect(back.ids()).toEqual([...missed.map(({ id }) => Number(id)), live]);
  expect(back.types()).not.toContain("resync");

  await insert(2_500);
  // A transaction open anywhere on the server holds events back: a reader that comes then is given them live.
  await waitFor("nothing to be held back", async () => back.ids().length >= 5_500);
  const late = await read({ lastEventId: BigInt(from) });
  await waitFor("the word to load anew", async () => late.types().includes("resync"));
  const after = await write(client);
  await waitFor("what comes then", async () => late.ids().includes(after));
  expect(new Set(late.ids()).size).toBe(late.ids().length);
  for (const reader of [back, late]) await reader.cancel();
  await client.end();
});

it("lets a reader go that does not read, after telling it to load anew", async () => {
  const client = await connect();
  const stream = await openStream({ runId: null, lastEventId: null });
  const other = await read();
  await waitFor("the stream to be live", async () => other.types().includes("ready"));
  await client.query("insert into run_events (run_id, type, data) select $1, 'run.running', jsonb_build_object('error', repeat('x', 1000)) from generate_series(1, 500)", [runId]);
  await client.query("select pg_notify('penstock', $1)", [JSON.stringify({ run: runId })]);
  await waitFor("the other reader to have it all", async () => other.ids().length === 500);
  const text = await new Response(stream).text();
  expect(text.length).toBeLessThan(300_000);
  expect(text.endsWith("event: resync\ndata: {}\n\n")).toBe(true);
  await client.end();
});

it("ends every stream when the server stops", async () => {
  const reader = await read();
  await closeAllStreams();
  await reader.ended;
  expect(reader.text().trimEnd().endsWith("retry: 1000")).toBe(true);
});

it("a person has 20 streams at most; who closes one may open another, and others are not held up", async () => {
  const open = (who: string | null) => openStream({ runId: null, lastEventId: null, who });
  const streams = [];
  for (let n = 0; n < 20; n += 1) streams.push(await open("ann"));
  await expect(open("ann")).rejects.toMatchObject({ code: "TOO_MANY", message: expect.stringContaining("20 live streams") });
  streams.push(await open("ben"), await open(null));
  await streams.shift()?.cancel();
  streams.push(await open("ann"));
  for (const stream of streams) await stream.cancel();
});

it("ends within a moment when the session or key by which it was opened does, and others go on", async () => {
  const { cookie, userId } = await signedIn(test.db, "viewer", "Reader");
  const session = entryOf({ ...person("Reader", "viewer"), userId }, new Headers({ cookie }));
  const boss = { db: test.db, actor: { ...admin("Boss"), userId: (await signedIn(test.db, "admin", "Boss")).userId } };
  const made = await makeKey(boss, { name: "reads along", role: "viewer" });
  const key = entryOf({ ...person("reads along", "viewer"), keyId: made.id }, new Headers());
  const [bySession, byKey, other] = [await read({ entry: session }), await read({ entry: key }), await read()];
  let open = 3;
  for (const { ended } of [bySession, byKey, other]) void ended.then(() => { open -= 1; });
  // Reading along is no use of a session, and both are good for now.
  await test.db.$executeRaw`update sessions set updated_at = now() - interval '7 hours' where user_id = ${userId}`;
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(open).toBe(3);
  await revokeKey(boss, { id: made.id });
  await byKey.ended;
  expect(open).toBe(2);
  await test.db.$executeRaw`update sessions set updated_at = now() - interval '9 hours' where user_id = ${userId}`;
  await bySession.ended;
  expect(open).toBe(1);
  await other.cancel();
});
