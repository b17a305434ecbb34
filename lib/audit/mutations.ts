import { allow } from "#lib/access/rules";
import { type Ctx, inTransaction } from "#lib/ctx";
import { storable } from "#lib/db/storable";
import { log } from "#lib/log";
import { type ChainCheck, type ChainFault, sayFault } from "./fields.ts";

/** `object` names what was acted on, as in `run/12`; `before` and `after` are what changed of it, without secrets and payloads. */
export type AuditedAct = { action: string; object: string; before?: unknown; after?: unknown };

/**
 * Writes down an act, in the transaction of the act itself: there is neither without the other. What workers do on their own
 * is told by the events of runs, and the parts of an act by the act: both leave no entry here.
 */
export async function audit(ctx: Ctx, act: AuditedAct): Promise<void> {
  if (ctx.actor.kind === "worker" || ctx.isPart) return;
  await writeEntry(ctx, act);
}

async function writeEntry({ actor, db }: Ctx, { action, object, before, after }: AuditedAct): Promise<void> {
  const person = "may" in actor ? actor : null;
  // Half a character is refused by jsonb even where it is escaped.
  const clean = (_: string, value: unknown) => (typeof value === "string" ? storable(value) : value);
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value, clean).replaceAll("\\u0000", "\\u2400"));
  await db.$executeRaw`
    insert into audit_entries (actor_kind, actor, user_id, key_id, ip, request_id, user_agent, action, object, before, after)
    values (${actor.kind}, ${storable(actor.name).slice(0, 200)}, ${person?.userId ?? null}, ${person?.keyId ?? null}, ${person?.from?.ip ?? null}, ${person?.from?.requestId ?? null},
            ${person?.from?.userAgent?.slice(0, 400) ?? null}, ${action}, ${object.slice(0, 300)}, ${json(before)}::jsonb, ${json(after)}::jsonb)`;
}

/** Of one statement, so that it stays short. */
const SEAL_ROWS = 1_000;

/**
 * Gives entries their place in the chain, those that no open transaction can come before; returns how many. Done by every
 * sweep of a worker and before reading, never by who acts: no act waits for another's entry. Two at once do it once.
 */
export async function sealAudit({ db }: Ctx): Promise<number> {
  const [row] = await db.$queryRaw<{ sealed: number }[]>`select seal_audit(${SEAL_ROWS}::int) as sealed`;
  return row?.sealed ?? 0;
}

/** Of one question; each entry is hashed anew. */
const CHECK_ROWS = 2_000;

type Link = { id: bigint; link: bigint; fits: boolean; follows: string; hash: string };
type Head = { prunedLink: bigint; prunedHash: string; lastLink: bigint; lastId: bigint; lastHash: string; waiting: bigint };

/**
 * Walks the whole chain, hashes each entry anew, and says the first that does not hold; the log hears of it too. What
 * retention removed is no gap: the chain goes on from the hash of the last one removed. The result is kept for the page.
 *
 * @throws AppError FORBIDDEN
 */
export async function verifyAudit(ctx: Ctx, signal?: AbortSignal): Promise<ChainCheck> {
  allow(ctx, "audit.read");
  while ((await sealAudit(ctx)) === SEAL_ROWS) signal?.throwIfAborted();
  let [at, hash, entry, entries]: [bigint, string | null, number | null, number] = [0n, null, null, 0];
  let fault: ChainFault | null = null;
  let head: Head;
  for (let isLast = false; !isLast && !fault; ) {
    signal?.throwIfAborted();
    const read = await readLinks(ctx, at);
    head = read.head;
    // Retention may have come past us since the last batch.
    if (hash === null || head.prunedLink > at) [at, hash] = [head.prunedLink, head.prunedHash];
    const links = read.links.filter(({ link }) => link > at);
    for (const link of links) {
      fault = faultOf(link, { at, hash, entry: entry ?? 0 });
      if (fault) break;
      [at, hash, entry, entries] = [link.link, link.hash, Number(link.id), entries + 1];
    }
    isLast = read.links.length < CHECK_ROWS;
    if (isLast && !fault && (at !== head.lastLink || hash !== head.lastHash)) fault = { kind: "missing", entry: entry ?? 0, link: Number(at) + 1 };
  }
  const check: ChainCheck = { holds: fault === null, entries, entry, hash: hash ?? "", waiting: Number(head!.waiting), fault, checkedAt: new Date() };
  if (fault) log.error("The audit log does not hold: somebody changed it past Penstock", { fault: sayFault(fault), ...fault });
  await ctx.db.$executeRaw`
    update audit_chain set checked_at = ${check.checkedAt.toISOString()}::timestamptz, checked_by = ${ctx.actor.name}, checked_id = ${entry}::bigint, fault = ${fault && JSON.stringify(fault)}::jsonb`;
  return check;
}

/** The next links with both ends of the chain, as of one moment. */
async function readLinks({ db }: Ctx, after: bigint): Promise<{ head: Head; links: Link[] }> {
  const rows = await db.$queryRaw<(Head & { [K in keyof Link]: Link[K] | null })[]>`
    select c.pruned_link as "prunedLink", encode(c.pruned_hash, 'hex') as "prunedHash", c.last_link as "lastLink", c.last_id as "lastId", encode(c.last_hash, 'hex') as "lastHash",
           (select count(*) from audit_entries where hash is null) as waiting, e.*
      from audit_chain c
      left join (select a.id, a.link, encode(a.prev_hash, 'hex') as follows, encode(a.hash, 'hex') as hash, a.hash = audit_hash(a.prev_hash, a.link, a) as fits
                   from audit_entries a where a.link > ${after}::bigint order by a.link limit ${CHECK_ROWS}::int) e on true
     order by e.link`;
  const [head] = rows;
  if (!head) throw new Error("The row of audit_chain is missing: the migrations have not been run");
  return { head, links: rows.flatMap(({ id, link, fits, follows, hash }) => (id === null || link === null || fits === null || follows === null || hash === null ? [] : [{ id, link, fits, follows, hash }])) };
}

function faultOf({ id, link, fits, follows }: Link, before: { at: bigint; hash: string; entry: number }): ChainFault | null {
  if (link !== before.at + 1n) return { kind: "missing", entry: before.entry, link: Number(before.at) + 1 };
  if (follows !== before.hash) return { kind: "moved", entry: Number(id), link: Number(link) };
  return fits ? null : { kind: "changed", entry: Number(id), link: Number(link) };
}

const PRUNE_ROWS = 1_000;

/**
 * Removes the beginning of the chain as far as it is older than `cutoff`; what is left is provable as before, from the hash
 * of the last one removed. Stopped by `signal`, what is done is done. It is written down itself.
 *
 * @returns how many entries are gone
 * @throws AppError FORBIDDEN
 */
export async function pruneAudit(ctx: Ctx, cutoff: Date, signal?: AbortSignal): Promise<number> {
  allow(ctx, "settings.change");
  let gone = 0;
  for (let more = true; more && !signal?.aborted; ) {
    const removed = await inTransaction(ctx, (tx) => pruneBatch(tx, cutoff));
    gone += removed;
    more = removed === PRUNE_ROWS;
  }
  // Also when a worker does it at night: what is missing at the beginning has its reason in the log itself.
  if (gone > 0) await writeEntry(ctx, { action: "audit.prune", object: "audit", after: { entries: gone, before: cutoff.toISOString() } });
  return gone;
}

async function pruneBatch({ db }: Ctx, cutoff: Date): Promise<number> {
  // Only from the beginning on, and not past an entry that is young enough: two could have been written in another order than sealed.
  const removed = await db.$executeRaw`
    with locked as materialized (select * from audit_chain for update),
         asked as materialized (select set_config('penstock.audit', 'retention', true)),
         first as materialized (select e.link, e.hash, e.at from audit_entries e, locked c, asked where e.link > c.pruned_link order by e.link limit ${PRUNE_ROWS}::int),
         old as (select f.* from first f where f.link < coalesce((select min(y.link) from first y where y.at >= ${cutoff.toISOString()}::timestamptz), 9223372036854775807)),
         moved as (
           update audit_chain set pruned_link = o.link, pruned_hash = o.hash, pruned_at = clock_timestamp() from (select link, hash from old order by link desc limit 1) o returning 1
         )
    delete from audit_entries where link in (select link from old) and exists (select 1 from moved)`;
  await db.$queryRaw`select set_config('penstock.audit', '', true)`;
  return removed;
}
