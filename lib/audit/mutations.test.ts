/** T54: who changes the log past Penstock is found, whatever they do. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { audit, pruneAudit, sealAudit, verifyAudit } from "#lib/audit/mutations";
import { getAuditChain, listAudit } from "#lib/audit/queries";
import { EVERY_ENTRY } from "#lib/audit/filter";
import { inTransaction } from "#lib/ctx";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, person } from "#lib/testing/people";
import { waitFor } from "#lib/testing/wait";

let database: TestDatabase;
let pool: pg.Pool;
let made = 0;
beforeAll(async () => {
  database = await cloneDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
// What a test did past the triggers is undone: the next one begins with a chain of its own.
afterEach(async () => {
  await pool.query("alter table audit_entries disable trigger all; delete from audit_entries; alter table audit_entries enable trigger all");
  await pool.query("delete from audit_chain; insert into audit_chain default values");
});

/** Entries in the chain; sealing waits for transactions of other databases of the server too. */
async function write(count: number): Promise<number[]> {
  const first = made + 1;
  for (let n = 0; n < count; n += 1) await audit(database.ctx, { action: "run.cancel", object: `run/${(made += 1)}`, before: { status: "running", n }, after: { status: "cancelled", at: "2026-01-01" } });
  await waitFor("everything to be sealed", async () => {
    await sealAudit(database.ctx);
    const { rows } = await pool.query("select 1 from audit_entries where hash is null");
    return rows.length === 0;
  }, 60_000);
  const { rows } = await pool.query<{ id: string }>("select id from audit_entries where object = any($1) order by link", [Array.from({ length: count }, (_, n) => `run/${first + n}`)]);
  return rows.map(({ id }) => Number(id));
}

/** As somebody with the database's password would, who knows of the triggers. */
const tamper = (statement: string, values: unknown[] = []) => inSession("set session_replication_role = replica", statement, values);
async function inSession(first: string, statement: string, values: unknown[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(first);
    await client.query(statement, values);
  } finally {
    await client.query("reset session_replication_role");
    client.release();
  }
}

it("holds when nobody touched it, across batches, and says up to where", async () => {
  const ids = await write(5);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: true, entries: 5, entry: ids.at(-1), fault: null, waiting: 0 });
  await expect(getAuditChain(database.ctx)).resolves.toMatchObject({ entries: 5, checkedBy: "test", checkedEntry: ids.at(-1), fault: null });
});

it("nobody updates, deletes or truncates by a plain statement", async () => {
  await write(2);
  await expect(pool.query("update audit_entries set actor = 'x'")).rejects.toThrow("append-only");
  await expect(pool.query("update audit_entries set hash = null, prev_hash = null, link = null")).rejects.toThrow("append-only");
  await expect(pool.query("delete from audit_entries")).rejects.toThrow("append-only");
  await expect(pool.query("truncate audit_entries")).rejects.toThrow("append-only");
  await audit(database.ctx, { action: "run.retry", object: "run/1" });
  await expect(pool.query("delete from audit_entries where hash is null")).rejects.toThrow("append-only");
});

it.each([
  ["an entry's text", "update audit_entries set actor = 'somebody else' where id = $1"],
  ["what it changed", "update audit_entries set after = after || '{\"status\": \"running\"}' where id = $1"],
  ["its time", "update audit_entries set at = at - interval '1 hour' where id = $1"],
  ["its hash", "update audit_entries set hash = sha256('x') where id = $1"],
])("finds that somebody changed %s", async (_, statement) => {
  const ids = await write(4);
  await tamper(statement, [ids[1]]);
  const check = await verifyAudit(database.ctx);
  expect(check).toMatchObject({ holds: false, entry: ids[0], fault: { kind: "changed", entry: ids[1] } });
  await expect(getAuditChain(database.ctx)).resolves.toMatchObject({ fault: { kind: "changed", entry: ids[1] } });
});

it("finds an entry that was deleted in the middle, and at the end", async () => {
  const ids = await write(4);
  await tamper("delete from audit_entries where id = $1", [ids[3]]);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: false, fault: { kind: "missing", entry: ids[2], link: 4 } });
  await tamper("delete from audit_entries where id = $1", [ids[1]]);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: false, fault: { kind: "missing", entry: ids[0], link: 2 } });
});

it("finds an entry that was deleted when those behind it were moved up", async () => {
  const ids = await write(4);
  await tamper("delete from audit_entries where id = $1", [ids[1]]);
  for (const id of [ids[2], ids[3]]) await tamper("update audit_entries set link = link - 1 where id = $1", [id]);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: false, fault: { kind: "moved", entry: ids[2] } });
});

it("finds an entry that was put in, with a hash that fits what it says", async () => {
  const ids = await write(3);
  await tamper("update audit_entries set link = link + 1 where id = $1", [ids[2]]);
  await tamper("insert into audit_entries (actor_kind, actor, action, object, link, prev_hash, hash) select 'web', 'forged', 'run.cancel', 'run/0', 3, e.hash, sha256('x') from audit_entries e where id = $1", [ids[1]]);
  await tamper("update audit_entries e set hash = audit_hash(prev_hash, link, e) where actor = 'forged'");
  const check = await verifyAudit(database.ctx);
  expect(check).toMatchObject({ holds: false, fault: { kind: "moved", entry: ids[2], link: 4 } });
});

it("finds entries that changed places", async () => {
  const ids = await write(3);
  await tamper("update audit_entries set link = -link where id = any($1)", [[ids[0], ids[1]]]);
  await tamper("update audit_entries set link = 3 + link where link < 0");
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: false, fault: { kind: "moved", entry: ids[1], link: 1 } });
});

it("an entry that says it is sealed when it is written is not", async () => {
  await pool.query("insert into audit_entries (actor_kind, actor, action, object, link, prev_hash, hash) values ('web', 'x', 'run.cancel', 'run/1', 99, sha256('a'), sha256('b'))");
  await expect(pool.query("select link, hash from audit_entries").then(({ rows }) => rows)).resolves.toEqual([{ link: null, hash: null }]);
});

it("what a slow transaction writes comes behind what was sealed, and none is left out", async () => {
  const slow = await pool.connect();
  await slow.query("begin");
  await slow.query("insert into audit_entries (actor_kind, actor, action, object) values ('web', 'slow', 'run.cancel', 'run/slow')");
  await audit(database.ctx, { action: "run.cancel", object: "run/fast" });
  await sealAudit(database.ctx);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: true, entries: 0, waiting: 1 });
  await slow.query("commit");
  slow.release();
  await write(1);
  const { rows } = await pool.query("select actor from audit_entries order by link");
  expect(rows.map(({ actor }) => actor)).toEqual(["slow", "test", "test"]);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: true, entries: 3 });
});

it("sealed by many at once, the chain holds", async () => {
  await Promise.all(Array.from({ length: 40 }, (_, n) => inTransaction(database.ctx, async (tx) => {
    await audit(tx, { action: "run.cancel", object: `run/many-${n}` });
  }).then(() => sealAudit(database.ctx))));
  await write(1);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: true, entries: 41 });
});

it("retention takes the beginning, writes it down, and the rest holds; a forged beginning does not", async () => {
  const ids = await write(5);
  // Written long ago: time is hashed, so this goes before the seal.
  await pool.query("alter table audit_entries disable trigger all; update audit_entries set link = null, prev_hash = null, hash = null; update audit_entries set at = at - interval '400 days' where id < " + ids[3] + "; alter table audit_entries enable trigger all");
  await pool.query("delete from audit_chain; insert into audit_chain default values");
  const cutoff = new Date(Date.now() - 365 * 86_400_000);
  await expect(pruneAudit(database.ctx, cutoff), "what is not sealed stays").resolves.toBe(0);
  await waitFor("everything to be sealed", async () => (await sealAudit(database.ctx)) === 0 && (await getAuditChain(database.ctx)).waiting === 0, 60_000);
  await expect(pruneAudit(database.ctx, cutoff)).resolves.toBe(3);
  await write(1);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: true, entries: 4 });
  await expect(getAuditChain(database.ctx)).resolves.toMatchObject({ prunedEntries: 3, prunedAt: expect.any(Date) });
  const { rows } = await listAudit(database.ctx, { ...EVERY_ENTRY, action: "audit.prune" });
  expect(rows).toMatchObject([{ object: "audit", after: { entries: 3 } }]);
  await tamper("delete from audit_entries where id = $1", [ids[3]]);
  await expect(verifyAudit(database.ctx)).resolves.toMatchObject({ holds: false, fault: { kind: "missing", link: 4 } });
});

it("only who may read the log checks it, and only who may change settings prunes it", async () => {
  await expect(verifyAudit({ ...database.ctx, actor: person("ann", "operator") })).rejects.toThrow("may not read the audit log");
  await expect(pruneAudit({ ...database.ctx, actor: person("ann", "operator") }, new Date())).rejects.toThrow("may not change retention");
  await expect(verifyAudit({ ...database.ctx, actor: admin("eve") })).resolves.toMatchObject({ holds: true });
});
