import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { getActivityFeed, listActivity, listActivitySince } from "#lib/activity/queries";
import { kindOf, sayActivity } from "#lib/activity/rules";
import { setAnnotation } from "#lib/annotations/mutations";
import type { Ctx } from "#lib/ctx";
import { cancelRun } from "#lib/engine/cancel";
import { triggerAll, triggerRun } from "#lib/engine/trigger";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { findEnd } from "#lib/live/events";
import { importMailStream } from "#lib/pipelines/mail/import";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { changeRunStatus } from "#lib/runs/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin } from "#lib/testing/people";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";

let database: TestDatabase;
let anna: Ctx;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
  anna = { db: database.db, actor: admin("anna") };
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database.drop();
});
beforeEach(() => database.db.$executeRaw`truncate runs, run_events, mail_imports, mail_messages, mail_raw restart identity cascade`);

const everything = async (ctx = database.ctx) => (await listActivity(ctx, { tree: null, before: null, limit: 100 })).rows;
const said = async () => (await everything()).map(sayActivity).toReversed();
const treeOf = (tree: unknown) => resolveMe(parseFilter(tree), "anna");
const ofStage = (stage: string) => treeOf({ and: [{ value_equals: { key: "system/pipeline_run.stage", value: stage } }] });
const end = async (runId: number, status: "completed" | "failed" = "completed") => {
  await changeRunStatus(database.ctx, runId, "running");
  await changeRunStatus(database.ctx, runId, status, { errorMessage: status === "failed" ? "no luck" : undefined });
};
const mail = (name: string, text: string) => importMailStream(anna, { name, chunks: (async function* () { yield Buffer.from(text); })() });
const LETTER = "From a@example.com Thu Nov 20 08:15:00 2025\nFrom: a@example.com\nMessage-ID: <1@example.com>\nDate: Thu, 20 Nov 2025 08:15:00 +0000\nSubject: One\n\nHello\n";

/** Until no transaction of any test beside this one holds events back from whoever reads the outbox in its order. */
const settled = () => waitFor("the outbox to be settled", async () => {
  const [last] = await database.db.$queryRaw<{ id: bigint }[]>`select id from run_events order by txid desc, id desc limit 1`;
  return (await findEnd(database.db)).id === last?.id;
});

it("tells each act once, in order, and a repeated act that changed nothing not at all", async () => {
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "first", idempotencyKey: "once" });
  await triggerRun(anna, { pipeline: "lab", stage: "first", idempotencyKey: "once" });
  for (let times = 0; times < 2; times += 1) await setAnnotation(anna, { runId, key: "team", value: "red" });
  await changeRunStatus(database.ctx, runId, "running");
  for (let times = 0; times < 2; times += 1) await cancelRun(anna, { runId });
  await mail("/home/anna/a.mbox", LETTER);
  await mail("/home/anna/a.mbox", LETTER);
  await expect(mail("cat.png", "\x89PNG\r\n\x1a\n")).rejects.toThrow();
  expect(await said()).toEqual([
    "anna triggered first",
    "anna annotated first: team = red",
    "first started",
    "anna asked to cancel first",
    "first was cancelled",
    "Imported 1 message from a.mbox",
    "Imported 0 messages from a.mbox (1 known already)",
  ]);
  const [imported] = await everything();
  expect(imported).toMatchObject({ type: "import.completed", actor: "anna", run: null, data: { pipeline: "mail", messages: 0, duplicates: 1, problems: 0 } });
});

it("tells of an import that fails on the way, and of one that died", async () => {
  await expect(importMailStream(anna, { name: "broken.mbox", chunks: (async function* () { yield Buffer.from(LETTER.repeat(2_000)); throw new Error("the cable was pulled"); })() })).rejects.toThrow("cable");
  await database.db.mailImport.create({ data: { name: "dead.mbox", createdBy: "bert", createdAt: new Date(Date.now() - 3_600_000) } });
  await mail("next.mbox", LETTER);
  expect(await said()).toEqual([
    "Import of broken.mbox failed: the cable was pulled",
    "Import of dead.mbox failed: It was interrupted. Import it again to go on: nothing is imported twice.",
    expect.stringMatching(/^Imported . messages? from next\.mbox/),
  ]);
  expect((await everything()).map(({ actor }) => actor)).toEqual(["anna", "bert", "anna"]);
});

it("says what triggered: a person, the schedule, a retry; not what data made by streaming in", async () => {
  await triggerAll(anna, { pipeline: "lab" });
  await triggerRun({ ...anna, actor: { kind: "worker", name: "nightly" } }, { pipeline: "lab", stage: "waves" });
  const made = await database.db.$queryRaw<{ id: bigint }[]>`
    insert into runs (pipeline, stage, triggered_by, retry_of)
    values ('trading', 'analyse', 'ingest', null), ('lab', 'first', 'web', (select min(id) from runs)) returning id`;
  const { recordRunEvent } = await import("#lib/runs/mutations");
  for (const { id } of made) await recordRunEvent(anna, Number(id), "run.pending");
  await end(Number(made[0]?.id));
  expect(await said()).toEqual([
    "anna triggered first", "anna triggered second", "anna triggered third", "Schedule nightly triggered waves", "anna retried #1 as first", "analyse started", "analyse completed",
  ]);
  expect(kindOf((await everything())[2]!)).toBe("retried");
});

it("a filter keeps what belongs to matching runs as they are now, and no imports", async () => {
  const { runId: first } = await triggerRun(anna, { pipeline: "lab", stage: "first" });
  const { runId: second } = await triggerRun(anna, { pipeline: "lab", stage: "second" });
  await end(first, "failed");
  await mail("a.mbox", LETTER);
  const idsOf = async (tree: unknown) => (await listActivity(anna, { tree: treeOf(tree), before: null, limit: 100 })).rows.map(({ run, type }) => [run?.id, type]);
  expect(await idsOf({ and: [{ value_equals: { key: "system/pipeline_run.status", value: "failed" } }] })).toEqual([[first, "run.failed"], [first, "run.running"], [first, "run.pending"]]);
  expect(await idsOf({ and: [{ value_equals: { key: "system/pipeline_run.stage", value: "second" } }] })).toEqual([[second, "run.pending"]]);
  // Imports have no run whose status could be anything.
  expect(await idsOf({ and: [{ not: { value_equals: { key: "system/pipeline_run.status", value: "failed" } } }] })).toEqual([[second, "run.pending"]]);
  const [row] = (await listActivity(anna, { tree: ofStage("first"), before: null, limit: 1 })).rows;
  expect(row?.run).toMatchObject({ pipeline: "lab", stage: "first", status: "failed", errorMessage: "no luck", itemsFailed: 0 });
});

it("pages without gap or repetition while new events come", async () => {
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "first" });
  const annotate = (n: number) => setAnnotation(anna, { runId, key: `key-${n}`, value: "x" });
  for (let n = 0; n < 25; n += 1) await annotate(n);
  const known = (await everything()).map(({ id }) => id);
  for (const tree of [null, ofStage("first")]) {
    const seen: number[] = [];
    for (let before: number | null = null, page = 0; page === 0 || before !== null; page += 1) {
      const { rows, next } = await listActivity(anna, { tree, before, limit: 4 });
      seen.push(...rows.map(({ id }) => id));
      before = next;
      await annotate(100 + seen.length);
    }
    expect(seen.filter((id) => known.includes(id))).toEqual(known);
    expect(new Set(seen).size).toBe(seen.length);
  }
});

it("what comes later is told once, even when its number is older than what was told before", async () => {
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "first" });
  await settled();
  const feed = await getActivityFeed(anna, { tree: null, limit: 50 });
  expect(await listActivitySince(anna, { tree: null, after: feed.newest, limit: 50 })).toEqual({ rows: [], newest: feed.newest });
  const slow = new pg.Client({ connectionString: database.url });
  await slow.connect();
  await slow.query("begin");
  const { rows: [late] } = await slow.query("insert into run_events (run_id, type) values ($1, 'run.running') returning id", [runId]);
  await setAnnotation(anna, { runId, key: "team", value: "red" });
  const held = await getActivityFeed(anna, { tree: null, limit: 50 });
  expect(held.rows.map(({ type }) => type)).toEqual(["run.annotated", "run.pending"]);
  await slow.query("commit");
  await slow.end();
  await settled();
  const since = await listActivitySince(anna, { tree: null, after: held.newest, limit: 50 });
  expect("rows" in since && since.rows.map(({ id }) => id)).toContain(Number(late.id));
  const tail = "newest" in since ? await listActivitySince(anna, { tree: null, after: since.newest, limit: 50 }) : since;
  expect(tail).toMatchObject({ rows: [] });
  expect(await listActivitySince(anna, { tree: ofStage("second"), after: held.newest, limit: 50 })).toMatchObject({ rows: [] });
});

it("begins anew for whoever missed more than a page, or stands where nothing is any more", async () => {
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "first" });
  await settled();
  const { newest } = await getActivityFeed(anna, { tree: null, limit: 5 });
  await database.db.$executeRaw`insert into run_events (run_id, type) select ${runId}::bigint, 'run.annotated' from generate_series(1, 1500)`;
  await settled();
  for (const after of [newest, 999_999]) {
    const since = await listActivitySince(anna, { tree: null, after, limit: 5 });
    expect("anew" in since && since.anew.rows).toHaveLength(5);
    expect("anew" in since && since.anew.newest).toBeGreaterThan(newest);
  }
});

it("a filter that few match is told in pieces of 5,000 events, none left out", async () => {
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "second" });
  const { runId: other } = await triggerRun(anna, { pipeline: "lab", stage: "first" });
  await database.db.$executeRaw`insert into run_events (run_id, type) select ${other}::bigint, 'run.annotated' from generate_series(1, 12000)`;
  await setAnnotation(anna, { runId, key: "team", value: "red" });
  const found: string[] = [];
  const cuts: boolean[] = [];
  for (let before: number | null = null, page = 0; page === 0 || before !== null; page += 1) {
    const { rows, next, isCut } = await listActivity(anna, { tree: ofStage("second"), before, limit: 50 });
    found.push(...rows.map(({ type }) => type));
    cuts.push(isCut);
    before = next;
  }
  expect(found).toEqual(["run.annotated", "run.pending"]);
  expect(cuts).toEqual([true, true, false]);
});

it("a run whose worker is killed again and again appears with its end", async () => {
  const start = async () => {
    const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT });
    children.add(child);
    child.once("exit", () => { children.delete(child); if (going) void start(); });
    await once(child.stdout!, "data");
  };
  let going = true;
  await start();
  const { runId } = await triggerRun(anna, { pipeline: "lab", stage: "deadly" });
  await waitFor("the run to end", async () => (await database.db.run.findUniqueOrThrow({ where: { id: runId } })).completedAt, 60_000);
  going = false;
  const rows = (await everything()).filter(({ run }) => run?.id === runId);
  expect(rows.map(kindOf).toReversed()).toEqual(["triggered", "started", "ended"]);
  expect(rows[0]).toMatchObject({ type: "run.partial", run: { status: "partial" } });
}, 90_000);
