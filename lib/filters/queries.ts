import type { Ctx } from "#lib/ctx";
import { empty, join, type Sql, sql } from "#lib/db/client";
import type { UnitStatus } from "#lib/db/generated/enums";
import type { RunStatus } from "#lib/runs/rules";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";
import type { ResolvedFilter } from "./rules.ts";
import { filterCondition } from "./sql/condition.ts";

export const TREE_SORTS = ["created_at", "started_at", "status", "items"] as const;
export type TreeSort = (typeof TREE_SORTS)[number];

/** What a list is ordered by, and the value of it that a page begins after. */
const ORDERS: Record<TreeSort, { key: Sql; bound: (value: string | number) => Sql; value: (row: RunRow) => string | number }> = {
  created_at: { key: sql`r.created_at`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.createdAt.toISOString() },
  started_at: {
    key: sql`coalesce(r.started_at, r.completed_at, 'infinity'::timestamptz)`,
    bound: (value) => sql`${value}::timestamptz`,
    value: (row) => (row.startedAt ?? row.completedAt)?.toISOString() ?? "infinity",
  },
  status: { key: sql`r.status`, bound: (value) => sql`${value}::run_status`, value: (row) => row.status },
  items: { key: sql`r.items_processed`, bound: (value) => sql`${value}::int`, value: (row) => row.itemsProcessed },
};

export type Edge = { value: string | number; id: number };
export type TreeList = { tree: ResolvedFilter | null; statuses: RunStatus[]; sort: TreeSort; descending: boolean; after: Edge | null; limit: number };

/** Runs that match, `limit` at most, with where the next page begins; the id breaks ties. */
export async function listRunsByTree(ctx: Ctx, { tree, statuses, sort, descending, after, limit }: TreeList): Promise<{ rows: RunRow[]; next: Edge | null }> {
  const { key, bound, value } = ORDERS[sort];
  const direction = descending ? sql`desc` : sql`asc`;
  const conditions = treeConditions(tree, statuses);
  if (after) conditions.push(sql`(${key}, r.id) ${descending ? sql`<` : sql`>`} (${bound(after.value)}, ${after.id}::bigint)`);
  const found = await ctx.db.$queryRaw<StoredRunRow[]>`
    select ${RUN_COLUMNS}
      from runs r
           ${where(conditions)}
     order by ${key} ${direction}, r.id ${direction}
     limit ${limit + 1}::int`;
  const rows = found.slice(0, limit).map(toRunRow);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last ? { value: value(last), id: last.id } : null };
}

export async function countRunsByTree(ctx: Ctx, tree: ResolvedFilter | null, statuses: RunStatus[]): Promise<number> {
  const [row] = await ctx.db.$queryRaw<{ total: bigint }[]>`select count(*) as total from runs r ${where(treeConditions(tree, statuses))}`;
  return Number(row?.total ?? 0);
}

const where = (conditions: Sql[]): Sql => (conditions.length > 0 ? sql`where ${join(conditions, " and ")}` : empty);

const treeConditions = (tree: ResolvedFilter | null, statuses: RunStatus[]): Sql[] => [
  ...(tree ? [filterCondition(tree)] : []),
  ...(statuses.length > 0 ? [sql`r.status in (${join(statuses.map((status) => sql`${status}::run_status`))})`] : []),
];

/** How many units of each run have which status; runs without units are missing. */
export async function countUnitsOf(ctx: Ctx, runIds: number[]): Promise<Map<number, Partial<Record<UnitStatus, number>>>> {
  const found = new Map<number, Partial<Record<UnitStatus, number>>>();
  if (runIds.length === 0) return found;
  const rows = await ctx.db.$queryRaw<{ runId: bigint; status: UnitStatus; count: bigint }[]>`
    select u.run_id as "runId", u.status, count(*) as count
      from run_units u
     where u.run_id in (${join(runIds.map((id) => sql`${id}::bigint`))})
     group by u.run_id, u.status`;
  for (const { runId, status, count } of rows) found.set(Number(runId), { ...found.get(Number(runId)), [status]: Number(count) });
  return found;
}
