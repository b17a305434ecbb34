import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { join, KEPT, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";

export type AnnotationRow = { key: string; value: string; createdAt: Date; updatedAt: Date };

/**
 * The annotations of a run by key, all of them: a run has few.
 *
 * @throws AppError NOT_FOUND when no run has this id.
 */
export async function listAnnotations(ctx: Ctx, runId: number): Promise<AnnotationRow[]> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<(Omit<AnnotationRow, "key"> & { key: string | null })[]>`${KEPT}
    select a.key, coalesce(a.value, '') as value, a.created_at as "createdAt", a.updated_at as "updatedAt"
      from runs r
      left join run_annotations a on a.run_id = r.id
     where r.id = ${runId}::bigint
     order by a.key collate "C"`;
  if (rows.length === 0) throw new AppError("NOT_FOUND", `No run #${runId}.`);
  return rows.flatMap(({ key, ...rest }) => (key === null ? [] : { key, ...rest }));
}

/** The annotations of several runs as key and value; runs without any are missing. */
export async function listAnnotationsOf(ctx: Ctx, runIds: number[]): Promise<Map<number, Record<string, string>>> {
  allow(ctx, "runs.read");
  const found = new Map<number, Record<string, string>>();
  if (runIds.length === 0) return found;
  const rows = await ctx.db.$queryRaw<{ runId: bigint; key: string; value: string }[]>`
    select a.run_id as "runId", a.key, coalesce(a.value, '') as value
      from run_annotations a
     where a.run_id in (${join(runIds.map((id) => sql`${id}::bigint`))})
     order by a.run_id, a.key collate "C"`;
  for (const { runId, key, value } of rows) {
    const id = Number(runId);
    const own = found.get(id) ?? (Object.create(null) as Record<string, string>);
    own[key] = value;
    found.set(id, own);
  }
  return found;
}
