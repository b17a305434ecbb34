import { createHash } from "node:crypto";
import { z } from "zod";
import { inTransaction, type Actor, type Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { findPipeline, findStage } from "#lib/pipelines/registry";
import { recordRunEvent } from "#lib/runs/mutations";
import { parseParams, shareParams } from "#lib/stages/rules";
import type { RunTrigger } from "#lib/db/generated/enums";
import type { Stage } from "./define.ts";
import { enqueueUnit } from "./jobs.ts";

export const TriggerInput = z.strictObject({
  pipeline: z.string().max(50),
  stage: z.string().max(50),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Repeats with the same key and the same content are the same run. */
  idempotencyKey: z.string().min(1).max(255).optional(),
});
export type TriggerInput = z.input<typeof TriggerInput>;

export const TriggerAllInput = z.strictObject({
  pipeline: z.string().max(50),
  /** Given to every stage that knows the parameter. */
  params: z.record(z.string(), z.unknown()).default({}),
});
export type TriggerAllInput = z.input<typeof TriggerAllInput>;

const TRIGGER_OF: Record<Actor["kind"], RunTrigger> = { web: "web", cli: "cli", api: "api", worker: "schedule" };

/**
 * Starts a stage: the run, its first unit and its job in one transaction, so that an accepted run is never lost.
 *
 * @throws AppError NOT_FOUND for an unknown stage; INVALID with the path of each bad parameter; CONFLICT with
 *   `details.runId` when a run of the same exclusive key is not final yet; MISMATCH when the idempotency key was
 *   used for something else.
 */
export async function triggerRun(ctx: Ctx, input: TriggerInput): Promise<{ runId: number; created: boolean }> {
  const { pipeline, stage: stageName, params: given, idempotencyKey } = TriggerInput.parse(input);
  const stage = findStage(pipeline, stageName);
  const params = parseParams(stage, given);
  const made = await inTransaction(ctx, async (tx) => {
    const made = await insertRun(tx, { pipeline, stage, params, idempotencyKey });
    if (made.created) await beginRun(tx, made.runId);
    return made;
  });
  await failpoint("trigger.committed");
  return made;
}

/**
 * Starts every stage of a pipeline that takes part in Run all: one run each, in one transaction. A run waits for the
 * runs of the stages it needs; the first ones begin at once.
 *
 * @throws AppError as `triggerRun`; one stage that is busy refuses the whole, and nothing is started.
 */
export async function triggerAll(ctx: Ctx, input: TriggerAllInput): Promise<{ groupId: number; runIds: number[] }> {
  const { pipeline: name, params: given } = TriggerAllInput.parse(input);
  const pipeline = findPipeline(name);
  const stages = pipeline.stages.filter((stage) => !stage.manual);
  const paramsOf = shareParams(pipeline, stages, given);

  const started = await inTransaction(ctx, async (tx) => {
    const runOf = new Map<string, number>();
    let groupId: number | null = null;
    for (const stage of stages) {
      const waitsFor = stage.needs.flatMap((need) => runOf.get(need) ?? []);
      const { runId } = await insertRun(tx, { pipeline: name, stage, params: paramsOf(stage), groupId, waitsFor });
      groupId ??= runId;
      runOf.set(stage.name, runId);
    }
    if (groupId === null) throw new AppError("INVALID", `Pipeline ${name} has no stage that takes part in Run all.`);
    await failpoint("triggerAll.inserted");
    await tx.db.run.update({ where: { id: groupId }, data: { groupId }, select: { id: true } });
    for (const stage of stages) {
      const runId = runOf.get(stage.name);
      if (runId && stage.needs.every((need) => !runOf.has(need))) await beginRun(tx, runId);
    }
    return { groupId, runIds: [...runOf.values()] };
  });
  await failpoint("triggerAll.committed");
  return started;
}

/** Makes the run's first unit, which plans the others, and its job. */
export async function beginRun(ctx: Ctx, runId: number): Promise<void> {
  await ctx.db.runUnit.create({ data: { runId, seq: 0, kind: "plan", name: "plan" }, select: { seq: true } });
  await enqueueUnit(ctx, runId, 0);
  await failpoint("trigger.begun");
}

export type Retrying = { retryOf: number; onlyFailed: boolean };
type NewRun = { pipeline: string; stage: Stage; params: unknown; idempotencyKey?: string; groupId?: number | null; waitsFor?: number[]; retrying?: Retrying };

/** Makes a run and its event, or finds the one that its idempotency key made. Refuses as `triggerRun` does. */
export async function insertRun(ctx: Ctx, { pipeline, stage, params, idempotencyKey, groupId, waitsFor = [], retrying }: NewRun): Promise<{ runId: number; created: boolean }> {
  const exclusiveKey = stage.exclusive ? stage.exclusive(params) : `${pipeline}/${stage.name}`;
  const requestHash = idempotencyKey ? hashOf({ pipeline, stage: stage.name, params, ...retrying }) : null;
  const [row] = await ctx.db.$queryRaw<{ id: bigint }[]>`
    insert into runs (pipeline, stage, params, config_snapshot, triggered_by, created_by, exclusive_key, idempotency_key, request_hash, group_id, waits_for, retry_of, only_failed)
    values (${pipeline}, ${stage.name}, ${JSON.stringify(params)}::jsonb, ${JSON.stringify(stage.snapshot?.() ?? {})}::jsonb,
            ${TRIGGER_OF[ctx.actor.kind]}::run_trigger, ${ctx.actor.name}, ${exclusiveKey}, ${idempotencyKey ?? null}, ${requestHash},
            ${groupId ?? null}, ${waitsFor}::bigint[], ${retrying?.retryOf ?? null}::bigint, ${retrying?.onlyFailed ?? false})
    on conflict do nothing
    returning id`;
  if (row) {
    const runId = Number(row.id);
    const subjects = Object.entries(stage.subjects?.(params) ?? {}).flatMap(([key, value]) => [value].flat().map((one) => ({ runId, key, value: one.slice(0, 200) })));
    if (subjects.length > 0) await ctx.db.runSubject.createMany({ data: subjects, skipDuplicates: true });
    await recordRunEvent(ctx, runId, "run.pending", retrying);
    await failpoint("trigger.inserted");
    return { runId, created: true };
  }

  const earlier = idempotencyKey ? await ctx.db.run.findUnique({ where: { idempotencyKey }, select: { id: true, requestHash: true } }) : null;
  if (earlier && earlier.requestHash !== requestHash) {
    throw new AppError("MISMATCH", `The idempotency key "${idempotencyKey}" was used for another request (run #${earlier.id}). Use a new key.`, { details: { runId: Number(earlier.id) } });
  }
  if (earlier) return { runId: Number(earlier.id), created: false };

  const inTheWay = await ctx.db.run.findFirst({ where: { exclusiveKey, status: { in: ["pending", "running"] } }, select: { id: true, status: true } });
  // It may have ended between the two statements; the next try will pass.
  if (!inTheWay) throw new AppError("CONFLICT", `Another run of ${stage.name} ended at this very moment. Try again.`);
  const state = inTheWay.status === "running" ? "already running" : "already waiting to run";
  throw new AppError("CONFLICT", `Stage ${stage.name} is ${state} as #${inTheWay.id}. Wait for it to end, or cancel it first.`, { details: { runId: Number(inTheWay.id) } });
}

/** A stable digest of what was asked for: keys in order, so that two spellings of the same request are equal. */
function hashOf(request: unknown): string {
  const sorted = JSON.stringify(request, (_, value) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
  return createHash("sha256").update(sorted).digest("hex");
}
