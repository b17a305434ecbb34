import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { MAX_PER_RUN } from "./fields.ts";
import { AnnotationKey, AnnotationValue } from "./rules.ts";

const RunId = z.int().positive();
export const SetAnnotationInput = z.object({ runId: RunId, key: AnnotationKey, value: AnnotationValue });
export type SetAnnotationInput = z.infer<typeof SetAnnotationInput>;
export type SetAnnotationResult = { key: string; value: string; /** Whether the run had no such annotation before. */ created: boolean };

/**
 * Sets an annotation of a run, new or in place of what it was, and records who did it.
 * The same value again changes nothing and is no event, so a caller may repeat it.
 *
 * @throws AppError NOT_FOUND when no run has this id; MISMATCH when it has as many annotations as it may.
 */
export async function setAnnotation(ctx: Ctx, { runId, key, value }: SetAnnotationInput): Promise<SetAnnotationResult> {
  allow(ctx, "runs.annotate");
  return inTransaction(ctx, async (inner) => {
    await lockRun(inner, runId);
    const [stored] = await inner.db.$queryRaw<{ count: bigint; exists: boolean; value: string | null }[]>`
      select count(*) as count, coalesce(bool_or(a.key = ${key}), false) as exists, max(a.value) filter (where a.key = ${key}) as value
        from run_annotations a
       where a.run_id = ${runId}::bigint`;
    const created = !stored?.exists;
    if (stored?.exists && (stored.value ?? "") === value) return { key, value, created };
    if (created && Number(stored?.count ?? 0) >= MAX_PER_RUN) {
      throw new AppError("MISMATCH", `Run #${runId} has ${MAX_PER_RUN} annotations, the most that one may have. Remove one first.`, { faults: [{ path: "key", message: "is one too many" }] });
    }
    await inner.db.$executeRaw`
      insert into run_annotations (run_id, key, value, updated_at)
      values (${runId}::bigint, ${key}, ${value}, now())
      on conflict (run_id, key) do update set value = excluded.value, updated_at = excluded.updated_at`;
    await recordAnnotated(inner, runId, { key, value });
    await auditAnnotation(inner, runId, key, created ? null : (stored.value ?? ""), value);
    return { key, value, created };
  });
}

export const DeleteAnnotationInput = z.object({ runId: RunId, key: AnnotationKey });
export type DeleteAnnotationInput = z.infer<typeof DeleteAnnotationInput>;

/**
 * Removes an annotation and records who did it.
 *
 * @throws AppError NOT_FOUND when there is no such run, or it has no such annotation.
 */
export async function deleteAnnotation(ctx: Ctx, { runId, key }: DeleteAnnotationInput): Promise<void> {
  allow(ctx, "runs.annotate");
  return inTransaction(ctx, async (inner) => {
    await lockRun(inner, runId);
    const [removed] = await inner.db.$queryRaw<{ value: string | null }[]>`delete from run_annotations where run_id = ${runId}::bigint and key = ${key} returning value`;
    if (!removed) throw new AppError("NOT_FOUND", `Run #${runId} has no annotation "${key}".`);
    await recordAnnotated(inner, runId, { key, value: null });
    await auditAnnotation(inner, runId, key, removed.value ?? "", null);
  });
}

/** Null: it was not there before, or is not there any more. */
const auditAnnotation = (ctx: Ctx, runId: number, key: string, before: string | null, after: string | null): Promise<void> =>
  audit(ctx, { action: "run.annotate", object: `run/${runId}`, before: { [key]: before?.slice(0, 300) ?? null }, after: { [key]: after?.slice(0, 300) ?? null } });

/** Of two that annotate a run at once the second waits, so that neither counts past the other. */
async function lockRun({ db }: Ctx, runId: number): Promise<void> {
  const rows = await db.$queryRaw<unknown[]>`select 1 as found from runs where id = ${runId}::bigint for no key update`;
  if (rows.length === 0) throw new AppError("NOT_FOUND", `No run #${runId}.`);
}

/** `value` null: it was removed. The feed shows the beginning of a long one. */
async function recordAnnotated(ctx: Ctx, runId: number, { key, value }: { key: string; value: string | null }): Promise<void> {
  const said = value === null ? sql`null::text` : sql`left(${value}::text, 300)`;
  await ctx.db.$queryRaw`
    with event as (
      insert into run_events (run_id, type, actor, data)
      select id, 'run.annotated', ${ctx.actor.name},
             jsonb_build_object('pipeline', pipeline, 'stage', stage, 'status', status, 'key', ${key}::text, 'value', ${said})
        from runs where id = ${runId}::bigint
      returning run_id
    )
    select pg_notify('penstock', json_build_object('run', run_id)::text)::text from event`;
}
