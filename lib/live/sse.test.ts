import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeAllStreams, openStream } from "#lib/live/sse";
import { requireActor } from "#lib/auth/actor";
import type { Actor } from "#lib/ctx";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { changeRole, disablePerson } from "#lib/people/mutations";
import { changeSettings } from "#lib/settings/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, signedIn } from "#lib/testing/people";
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
async function read(options: { runId?: number; lastEventId?: bigint; actor?: Actor } = {}) {
  const stream = await openStream({ ...options, runId: options.runId ?? null, lastEventId: options.lastEventId ?? null });
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
  const open = (who: string | null) => openStream({ runId: null, lastEventId: null, ...(who !== null && { actor: { ...admin(who), userId: who } }) });
  const streams = [];
  for (let n = 0; n < 20; n += 1) streams.push(await open("ann"));
  await expect(open("ann")).rejects.toMatchObject({ code: "TOO_MANY", message: expect.stringContaining("20 live streams") });
  streams.push(await open("ben"), await open(null));
  await streams.shift()?.cancel();
  streams.push(await open("ann"));
  for (const stream of streams) await stream.cancel();
});

it("ends within seconds when the session or key it came with does, or its person may something else; others read on", async () => {
  const by = (headers: Record<string, string>) => requireActor(test.db, new Headers(headers));
  await signedIn(test.db, "admin", "Boss");
  const [out, off, low, stays] = await Promise.all([signedIn(test.db, "viewer", "Out"), signedIn(test.db, "viewer", "Off"), signedIn(test.db, "operator", "Low"), signedIn(test.db, "operator", "Stays")]);
  const keyOf = async (name: string, userId?: string) => {
    const { id, token } = await makeKey({ ...test.ctx, actor: { ...admin(name), ...(userId !== undefined && { userId }) } }, { name: `key of ${name}`, role: "operator" });
    return { id, actor: await by({ authorization: `Bearer ${token}` }) };
  };
  const [gone, lowered, robot] = [await keyOf("Stays", stays.userId), await keyOf("Low", low.userId), await keyOf("nobody")];
  const standing = await Promise.all([stays.cookie].map(async (cookie) => read({ actor: await by({ cookie }) })));
  standing.push(await read({ actor: robot.actor }), await read());
  const ends: [string, Awaited<ReturnType<typeof read>>, () => Promise<unknown>][] = [
    ["signed out", await read({ actor: await by({ cookie: out.cookie }) }), () => test.db.session.deleteMany({ where: { userId: out.userId } })],
    ["disabled", await read({ actor: await by({ cookie: off.cookie }) }), () => disablePerson(test.ctx, { id: off.userId })],
    ["the key revoked", await read({ actor: gone.actor }), () => revokeKey(test.ctx, { id: gone.id })],
    ["the key's owner lowered", await read({ actor: lowered.actor }), () => changeRole(test.ctx, { id: low.userId, role: "viewer" })],
  ];
  for (const [, reader, act] of ends) {
    expect(reader.text()).not.toBe("");
    await act();
  }
  for (const [name, reader] of ends) await Promise.race([reader.ended, waitFor(name, async () => false)]);

  const viewer = await read({ actor: await by({ cookie: (await signedIn(test.db, "viewer", "Seeing")).cookie }) });
  await changeSettings(test.ctx, { values: { viewersSeePayloads: false } });
  await viewer.ended;
  const client = await connect();
  const id = await write(client);
  await waitFor("the others to be told", async () => standing.every((reader) => reader.ids().includes(id)));
  for (const reader of standing) await reader.cancel();
  await client.end();
});
