import type { Db } from "#lib/db/client";

/** A place in the outbox. Ids are drawn before commit, so the order is that of transactions, then ids. */
export type Position = { txid: bigint; id: bigint };
export const BEGINNING: Position = { txid: 0n, id: 0n };

/** `runId` is null for what belongs to no run: imports. `data` is JSON for the reader. */
export type LiveEvent = { position: Position; runId: number | null; type: string; data: string };

/** Rows of one look into the outbox: together far below what may be buffered for a reader. */
const BATCH = 100;

type StoredEvent = { id: bigint; txid: string; runId: bigint | null; type: string; actor: string | null; data: object; at: Date };

/**
 * Events after `position`, in order. Only those whose transaction is older than every one still open: a later look can
 * then find nothing before what was read, so a reader that keeps its position misses none.
 */
export async function listEvents(db: Db, after: Position, limit = BATCH): Promise<LiveEvent[]> {
  const rows = await db.$queryRaw<StoredEvent[]>`
    select e.id, e.txid::text as txid, e.run_id as "runId", e.type, e.actor, e.data, e.at
      from run_events e
     where (e.txid, e.id) > (${after.txid.toString()}::xid8, ${after.id}::bigint)
       and e.txid < pg_snapshot_xmin(pg_current_snapshot())
     order by e.txid, e.id
     limit ${limit}::int`;
  return rows.map(({ id, txid, runId: stored, type, actor, data, at }) => {
    const runId = stored === null ? null : Number(stored);
    return { position: { txid: BigInt(txid), id }, runId, type, data: JSON.stringify({ ...data, runId, type, actor, at }) };
  });
}

/** Whether the outbox holds committed events after `position` that wait for an older transaction to end. */
export async function hasHeldBack(db: Db, after: Position): Promise<boolean> {
  const [found] = await db.$queryRaw<{ held: boolean }[]>`
    select exists (select from run_events e where (e.txid, e.id) > (${after.txid.toString()}::xid8, ${after.id}::bigint)) as held`;
  return found?.held ?? false;
}

/** The end of what can be read now: where a reader without a past begins. */
export async function findEnd(db: Db): Promise<Position> {
  const [last] = await db.$queryRaw<{ id: bigint; txid: string }[]>`
    select e.id, e.txid::text as txid
      from run_events e
     where e.txid < pg_snapshot_xmin(pg_current_snapshot())
     order by e.txid desc, e.id desc
     limit 1`;
  return last ? { txid: BigInt(last.txid), id: last.id } : BEGINNING;
}

/** Where the event of this id stands; null when it is gone (retention), so that its reader must look anew. */
export async function findPosition(db: Db, id: bigint): Promise<Position | null> {
  if (id === 0n) return BEGINNING;
  const [found] = await db.$queryRaw<{ txid: string }[]>`select e.txid::text as txid from run_events e where e.id = ${id}::bigint`;
  return found ? { txid: BigInt(found.txid), id } : null;
}

type StoredProgress = { id: bigint; pipeline: string; stage: string; status: string; itemsProcessed: number; itemsFailed: number; itemsTotal: number | null; unitsTotal: number; unitsDone: number; unitsFailed: number };

/** How far these runs are, as JSON for the reader, by run id. */
export async function listProgress(db: Db, runIds: number[]): Promise<Map<number, string>> {
  const rows = await db.$queryRaw<StoredProgress[]>`
    select r.id, r.pipeline, r.stage, r.status, r.items_processed as "itemsProcessed", r.items_failed as "itemsFailed",
           r.items_total as "itemsTotal", r.units_total as "unitsTotal", r.units_done as "unitsDone", r.units_failed as "unitsFailed"
      from runs r
     where r.id = any(${runIds}::bigint[])`;
  return new Map(rows.map(({ id, ...progress }) => [Number(id), JSON.stringify({ runId: Number(id), ...progress })]));
}

export const isAfter = (a: Position, b: Position): boolean => a.txid > b.txid || (a.txid === b.txid && a.id > b.id);
