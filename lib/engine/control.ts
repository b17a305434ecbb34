/** What an operator says of a stage, or of a whole pipeline: pause, go on, no more than so many units at a time. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { isStorable, NOT_STORABLE } from "#lib/db/storable";
import { findPipeline, findStage } from "#lib/pipelines/registry";
import { takeUp } from "./gate.ts";

const Target = { pipeline: z.string().max(50), /** Left out: the whole pipeline. */ stage: z.string().max(50).optional() };

export const PauseInput = z.strictObject({ ...Target, reason: z.string().trim().max(500).refine(isStorable, NOT_STORABLE).transform((text) => text || null).nullish() });
export type PauseInput = z.input<typeof PauseInput>;
export const ResumeInput = z.strictObject(Target);
export type ResumeInput = z.input<typeof ResumeInput>;
/** `limit` null takes an operator's limit away, and that of the definition counts again. To let nothing start, pause. */
export const LimitInput = z.strictObject({ pipeline: z.string().max(50), stage: z.string().max(50), limit: z.int().min(1, "It must be 1 or more. To let nothing start, pause the stage.").max(10_000).nullable() });
export type LimitInput = z.input<typeof LimitInput>;

type Row = { pausedAt: Date; pausedBy: string; reason: string | null };
/** `ok` is false when it was so already; who paused it first, and why, stays. */
export type PauseResult = Row & { ok: boolean };

/**
 * Lets nothing new of a stage, or of any stage of a pipeline, start. Units in flight end; runs are accepted and wait.
 *
 * @throws AppError NOT_FOUND for an unknown pipeline or stage
 */
export async function pause(ctx: Ctx, input: PauseInput): Promise<PauseResult> {
  allow(ctx, "stages.control");
  const { pipeline, stage, reason = null } = PauseInput.parse(input);
  mustExist(pipeline, stage);
  return inTransaction(ctx, async (tx) => {
    const [paused] = await tx.db.$queryRaw<Row[]>`
      insert into stage_controls (pipeline, stage, paused_at, paused_by, pause_reason)
      values (${pipeline}, ${stage ?? ""}, clock_timestamp(), ${tx.actor.name}, ${reason})
      on conflict (pipeline, stage) do update
         set paused_at = excluded.paused_at, paused_by = excluded.paused_by, pause_reason = excluded.pause_reason
       where stage_controls.paused_at is null
      returning paused_at as "pausedAt", paused_by as "pausedBy", pause_reason as reason`;
    if (paused) {
      await record(tx, stage === undefined ? "pipeline.paused" : "stage.paused", { pipeline, stage, reason });
      await audit(tx, { action: "stage.pause", object: objectOf(pipeline, stage), after: { reason } });
      return { ok: true, ...paused };
    }
    const [before] = await tx.db.$queryRaw<Row[]>`
      select paused_at as "pausedAt", paused_by as "pausedBy", pause_reason as reason from stage_controls where pipeline = ${pipeline} and stage = ${stage ?? ""}`;
    if (!before) throw new Error(`The pause of ${pipeline} ${stage} is neither new nor there`);
    return { ok: false, ...before };
  });
}

/**
 * Lets a stage or a pipeline go on: what waits begins at once. `ok` is false when it was not paused. A stage of a paused
 * pipeline stays paused with it.
 *
 * @throws AppError NOT_FOUND for an unknown pipeline or stage
 */
export async function resume(ctx: Ctx, input: ResumeInput): Promise<{ ok: boolean }> {
  allow(ctx, "stages.control");
  const { pipeline, stage } = ResumeInput.parse(input);
  mustExist(pipeline, stage);
  const resumed = await inTransaction(ctx, async (tx) => {
    const count = await tx.db.$executeRaw`
      update stage_controls set paused_at = null, paused_by = null, pause_reason = null
       where pipeline = ${pipeline} and stage = ${stage ?? ""} and paused_at is not null`;
    if (count === 0) return false;
    await record(tx, stage === undefined ? "pipeline.resumed" : "stage.resumed", { pipeline, stage });
    await audit(tx, { action: "stage.resume", object: objectOf(pipeline, stage) });
    return true;
  });
  // A second transaction for each, so that a thousand waiting units keep nobody: the sweeper does it should we die between.
  for (const name of stage === undefined ? findPipeline(pipeline).stages.map(({ name }) => name) : [stage]) await inTransaction(ctx, (tx) => takeUp(tx, { pipeline, stage: name }));
  return { ok: resumed };
}

/**
 * Says how many units of a stage may be in flight at all workers together. A lower limit than what is in flight lets that end.
 *
 * @throws AppError NOT_FOUND for an unknown pipeline or stage
 */
export async function setLimit(ctx: Ctx, input: LimitInput): Promise<{ /** False: it was so already. */ ok: boolean; limit: number | null; /** The definition's. */ declared: number | null }> {
  allow(ctx, "stages.control");
  const { pipeline, stage, limit } = LimitInput.parse(input);
  const declared = findStage(pipeline, stage).limit ?? null;
  const changed = await inTransaction(ctx, async (tx) => {
    const count = limit === null
      ? await tx.db.$executeRaw`update stage_controls set unit_limit = null, limited_at = null, limited_by = null where pipeline = ${pipeline} and stage = ${stage} and unit_limit is not null`
      : await tx.db.$executeRaw`
          insert into stage_controls (pipeline, stage, unit_limit, limited_at, limited_by)
          values (${pipeline}, ${stage}, ${limit}, clock_timestamp(), ${tx.actor.name})
          on conflict (pipeline, stage) do update
             set unit_limit = excluded.unit_limit, limited_at = excluded.limited_at, limited_by = excluded.limited_by
           where stage_controls.unit_limit is distinct from excluded.unit_limit`;
    if (count === 0) return false;
    await record(tx, "stage.limited", { pipeline, stage, limit });
    await audit(tx, { action: "stage.limit", object: objectOf(pipeline, stage), after: { limit } });
    return true;
  });
  await inTransaction(ctx, (tx) => takeUp(tx, { pipeline, stage }));
  return { ok: changed, limit: limit ?? declared, declared };
}

function mustExist(pipeline: string, stage: string | undefined): void {
  if (stage === undefined) findPipeline(pipeline);
  else findStage(pipeline, stage);
}

const objectOf = (pipeline: string, stage: string | undefined): string => (stage === undefined ? `pipeline/${pipeline}` : `stage/${pipeline}/${stage}`);

/** An operator's act: a line of the feed that belongs to no run. */
async function record({ db, actor }: Ctx, type: string, data: Record<string, string | number | null | undefined>): Promise<void> {
  await db.$queryRaw`
    with event as (
      insert into run_events (run_id, type, actor, data) values (null, ${type}, ${actor.name}, ${JSON.stringify(data)}::jsonb) returning id
    )
    select pg_notify('penstock', json_build_object('import', id)::text)::text from event`;
}
