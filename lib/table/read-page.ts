/** A page of a keyset list: one range of an index, in either direction; nothing is counted and nothing skipped over. */
import { type Db, empty, join, KEPT, type Sql, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { type Cursor, printCursor } from "./cursor.ts";

/** What a list is ordered by: its SQL (an index has the same expression), and the value that a cursor keeps. */
export type Order<Row> = { key: Sql; bound: (value: string | number) => Sql; value: (row: Row) => string | number };

/** Both cursors are null at their end of the list. */
export type Page<Row> = { rows: Row[]; nextCursor: string | null; prevCursor: string | null };

type List<Stored, Row> = {
  db: Db;
  /** `select … from runs r`, the same text each time. */
  select: Sql;
  /** The column that breaks ties: `r.id`. */
  id: Sql;
  order: Order<Row>;
  descending: boolean;
  conditions: Sql[];
  limit: number;
  /** The cursor as it was given, and as it was understood. */
  given: string | null;
  cursor: Cursor | null;
  listHash: string;
  toRow: (stored: Stored) => Row;
};

/**
 * Rows in their order, `limit` at most; the id breaks ties, so none is seen twice. Paging back past the first row gives the first page whole.
 *
 * @throws AppError INVALID when the cursor is broken or belongs to another list.
 */
export async function readPage<Stored, Row extends { id: number }>(list: List<Stored, Row>): Promise<Page<Row>> {
  const { db, select, id, order, cursor, limit, listHash } = list;
  if (list.given !== null && cursor === null) {
    const message = "This cursor is broken or belongs to another filter. Leave it out to begin at the first page.";
    throw new AppError("INVALID", message, { faults: [{ path: "cursor", message }] });
  }
  const backwards = cursor?.side === "before";
  const descending = list.descending !== backwards;
  const direction = descending ? sql`desc` : sql`asc`;
  const conditions = cursor ? [...list.conditions, sql`(${order.key}, ${id}) ${descending ? sql`<` : sql`>`} (${order.bound(cursor.value)}, ${cursor.id}::bigint)`] : list.conditions;
  // Of a list that is not narrowed there are as many texts as orders; each filter makes others.
  const found = await db.$queryRaw<Stored[]>`${list.conditions.length === 0 ? KEPT : empty}
    ${select}
     ${conditions.length > 0 ? sql`where ${join(conditions, " and ")}` : empty}
     order by ${order.key} ${direction}, ${id} ${direction}
     limit ${limit + 1}::int`;
  const hasMore = found.length > limit;
  if (backwards && !hasMore) return readPage({ ...list, given: null, cursor: null });

  const rows = found.slice(0, limit).map(list.toRow);
  if (backwards) rows.reverse();
  const edge = (row: Row | undefined, side: Cursor["side"]) => (row ? printCursor({ side, value: order.value(row), id: row.id, listHash }) : null);
  return {
    rows,
    nextCursor: hasMore || backwards ? edge(rows.at(-1), "after") : null,
    // Behind the last row there is a page whose rows have gone: the way back stays.
    prevCursor: cursor ? (edge(rows[0], "before") ?? printCursor({ ...cursor, side: "before" })) : null,
  };
}
