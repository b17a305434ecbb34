import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { maskSecrets } from "#lib/format/mask";
import { type Order, type Page, readPage } from "#lib/table/read-page";
import type { AuditRow, ChainFault } from "./fields.ts";
import { type AuditFilter, auditListHash, findCursor } from "./filter.ts";
import { sealAudit } from "./mutations.ts";
import { instantOf } from "./rules.ts";

type Stored = Omit<AuditRow, "id" | "link"> & { id: bigint; link: bigint | null };
const ROW = sql`e.id, e.at, e.actor_kind as "actorKind", e.actor, e.user_id as "userId", e.key_id as "keyId", e.ip, e.request_id as "requestId", e.user_agent as "userAgent", e.action, e.object, e.before, e.after, e.link, encode(e.hash, 'hex') as hash`;
const toRow = ({ id, link, before, after, ...row }: Stored): AuditRow => ({ ...row, id: Number(id), link: link === null ? null : Number(link), before: masked(before), after: masked(after) });
// Writers leave secrets out; what one forgot is not shown.
const masked = (value: Json | null): Json | null => (value === null ? null : maskSecrets(value));

const NEWEST_FIRST: Order<AuditRow> = { key: sql`e.at`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.at.toISOString() };

const like = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

function conditionsOf({ person, action, object, from, to, q }: AuditFilter, now: Date): Sql[] {
  const [since, until] = [from && instantOf(from, "from", now), to && instantOf(to, "to", now)];
  return [
    ...(person ? [sql`(e.actor = ${person} or e.user_id = ${person} or e.key_id = ${person})`] : []),
    ...(action ? [sql`(e.action collate "C" = ${action} or e.action collate "C" like ${`${like(action)}.%`})`] : []),
    ...(object ? [sql`e.object like ${`${like(object)}%`}`] : []),
    ...(since ? [sql`e.at >= ${since.toISOString()}::timestamptz`] : []),
    ...(until ? [sql`e.at < ${until.toISOString()}::timestamptz`] : []),
    ...(q ? [sql`concat_ws(' ', e.actor, e.action, e.object, e.ip, e.request_id, e.before::text, e.after::text) ilike ${`%${like(q)}%`}`] : []),
  ];
}

/**
 * Entries that match `filter`, the newest first, `filter.limit` at most. One range of an index; a search for text reads on
 * until the page is full, under the statement timeout.
 *
 * @throws AppError FORBIDDEN; INVALID when the cursor is broken or belongs to another filter.
 */
export async function listAudit(ctx: Ctx, filter: AuditFilter, now = new Date()): Promise<Page<AuditRow>> {
  allow(ctx, "audit.read");
  await sealAudit(ctx);
  return readPage<Stored, AuditRow>({
    db: ctx.db,
    select: sql`select ${ROW} from audit_entries e`,
    id: sql`e.id`,
    order: NEWEST_FIRST,
    descending: true,
    conditions: conditionsOf(filter, now),
    limit: filter.limit,
    given: filter.cursor,
    cursor: findCursor(filter),
    listHash: auditListHash(filter),
    toRow,
  });
}

/** Rows of one question to the database. */
const EXPORT_ROWS = 500;

/** Every entry that matches and exists now, the newest first, a batch at a time; nothing is read ahead. @throws AppError FORBIDDEN */
export async function* readAudit(ctx: Ctx, filter: AuditFilter, signal?: AbortSignal): AsyncGenerator<AuditRow[]> {
  allow(ctx, "audit.read");
  const now = new Date();
  const [edge] = await ctx.db.$queryRaw<{ id: bigint | null }[]>`select max(id) as id from audit_entries`;
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(ctx, { ...filter, cursor, limit: EXPORT_ROWS }, now);
    const rows = page.rows.filter(({ id }) => id <= Number(edge?.id ?? 0));
    if (rows.length > 0) yield rows;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Names and actions to choose from, 200 of each at most. */
const MAX_WORDS = 200;

/** Who is in the log, and what they did: from step to step of an index, whatever its length. @throws AppError FORBIDDEN */
export async function listAuditWords(ctx: Ctx): Promise<{ people: string[]; actions: string[] }> {
  allow(ctx, "audit.read");
  const distinct = (column: Sql) => ctx.db.$queryRaw<{ word: string }[]>`
    with recursive words as (
      (select ${column} as word from audit_entries e order by ${column} limit 1)
      union all
      select (select ${column} from audit_entries e where ${column} > w.word order by ${column} limit 1) from words w where w.word is not null
    )
    select word from words where word is not null limit ${MAX_WORDS}::int`;
  const [people, actions] = await Promise.all([distinct(sql`e.actor`), distinct(sql`(e.action collate "C")`)]);
  return { people: people.map(({ word }) => word), actions: actions.map(({ word }) => word) };
}

export type AuditChain = { entries: number; lastEntry: number | null; hash: string; waiting: number; prunedEntries: number; prunedAt: Date | null; checkedAt: Date | null; checkedBy: string | null; checkedEntry: number | null; fault: ChainFault | null };

/** How the chain stands by its own books, and what the last check found. Nothing is checked here. @throws AppError FORBIDDEN */
export async function getAuditChain(ctx: Ctx): Promise<AuditChain> {
  allow(ctx, "audit.read");
  const [chain] = await ctx.db.$queryRaw<AuditChain[]>`
    select (last_link - pruned_link)::float8 as entries, nullif(last_id, 0)::float8 as "lastEntry", encode(last_hash, 'hex') as hash, (select count(*) from audit_entries where hash is null)::float8 as waiting,
           pruned_link::float8 as "prunedEntries", pruned_at as "prunedAt", checked_at as "checkedAt", checked_by as "checkedBy", checked_id::float8 as "checkedEntry", fault
      from audit_chain`;
  if (!chain) throw new Error("The row of audit_chain is missing: the migrations have not been run");
  return chain;
}
