import { createHash } from "node:crypto";
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, signatureOf, type Actor, type Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { LIMITS } from "#lib/limits";
import { findPipeline, findStage } from "#lib/pipelines/registry";
import { runEvent, TOLD } from "#lib/runs/mutations";
import { parseParams, shareParams } from "#lib/stages/rules";
import { KEPT, sql } from "#lib/db/client";
import { RunPriority, type RunTrigger } from "#lib/db/generated/enums";
import { decideBusy } from "./busy.ts";
import { ON_BUSY, type OnBusy, type Stage } from "./define.ts";
import { beginRun, firstJob, firstUnit, toldBegun } from "./jobs.ts";

export const TriggerInput = z.strictObject({
  pipeline: z.string().max(50),
  stage: z.string().max(50),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Repeats with the same key and the same content are the same run. */
  idempotencyKey: z.string().min(1).max(255).optional(),
  /** Left out: as the stage says. */
  onBusy: z.enum(ON_BUSY).optional(),
  /** Left out: normal for a person's trigger, low for a schedule's. */
  priority: z.enum(RunPriority).optional(),
});
export type TriggerInput = z.input<typeof TriggerInput>;

export const TriggerAllInput = z.strictObject({
  pipeline: z.string().max(50),
  /** Given to every stage that knows the parameter. */
  params: z.record(z.string(), z.unknown()).default({}),
  /** Left out: as each stage says. No run of a group joins another: what follows it must come after it. */
  onBusy: z.enum(["reject", "queue"]).optional(),
  priority: z.enum(RunPriority).optional(),
});
export type TriggerAllInput = z.input<typeof TriggerAllInput>;

/** `created` is false for the run of an idempotency key that was used before, and for one that was joined. */
export type Triggered = { runId: number; created: boolean; /** It is the run that goes on already. */ joined: boolean; /** It stands in line behind that run. */ inLine: boolean };

const TRIGGER_OF: Record<Actor["kind"], RunTrigger> = { web: "web", cli: "cli", api: "api", worker: "schedule" };

/**
 * Starts a stage: the run, its first unit and its job in one transaction, so that an accepted run is never lost.
 *
 * @throws AppError NOT_FOUND for an unknown stage; INVALID with the path of each bad parameter; CONFLICT with
 *   `details.runId` when a run of the same exclusive key is not final yet and the trigger is to be refused then, or the
 *   line behind it is full; TOO_MANY past the quota of waiting runs; MISMATCH when the idempotency key was
 *   used for something else.
 */
export async function triggerRun(ctx: Ctx, input: TriggerInput): Promise<Triggered> {
  allow(ctx, "runs.trigger");
  const { pipeline, stage: stageName, params: given, ...asked } = TriggerInput.parse(input);
  const stage = findStage(pipeline, stageName);
  const params = parseParams(stage, given);
  const made = await inTransaction(ctx, async (tx) => {
    const made = await insertRun(tx, { pipeline, stage, params, begins: true, ...asked });
    if (made.created) await audit(tx, { action: "run.trigger", object: `run/${made.runId}`, after: { pipeline, stage: stageName, params: Object.keys(given) } });
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
  allow(ctx, "runs.trigger");
  const { pipeline: name, params: given, onBusy, priority } = TriggerAllInput.parse(input);
  const pipeline = findPipeline(name);
  const stages = pipeline.stages.filter((stage) => !stage.manual);
  const paramsOf = shareParams(pipeline, stages, given);

  const started = await inTransaction(ctx, async (tx) => {
    const runOf = new Map<string, number>();
    const inLine = new Set<string>();
    let groupId: number | null = null;
    for (const stage of stages) {
      const waitsFor = stage.needs.flatMap((need) => runOf.get(need) ?? []);
      const made = await insertRun(tx, { pipeline: name, stage, params: paramsOf(stage), groupId, waitsFor, priority, onBusy: onBusy ?? (stage.onBusy === "join" ? "queue" : stage.onBusy) });
      groupId ??= made.runId;
      runOf.set(stage.name, made.runId);
      if (made.inLine) inLine.add(stage.name);
    }
    if (groupId === null) throw new AppError("INVALID", `Pipeline ${name} has no stage that takes part in Run all.`);
    await failpoint("triggerAll.inserted");
    await tx.db.run.update({ where: { id: groupId }, data: { groupId }, select: { id: true } });
    for (const stage of stages) {
      const runId = runOf.get(stage.name);
      if (runId && !inLine.has(stage.name) && stage.needs.every((need) => !runOf.has(need))) await beginRun(tx, runId);
    }
    const runIds = [...runOf.values()];
    await audit(tx, { action: "run.trigger", object: `run/${groupId}`, after: { pipeline: name, runIds, params: Object.keys(given) } });
    return { groupId, runIds };
  });
  await failpoint("triggerAll.committed");
  return started;
}

export type Retrying = { retryOf: number; onlyFailed: boolean };
type NewRun = { pipeline: string; stage: Stage; params: unknown; idempotencyKey?: string; onBusy?: OnBusy; priority?: RunPriority; groupId?: number | null; waitsFor?: number[]; /** It begins at once, unless it stands in line. */ begins?: boolean; retrying?: Retrying };

/** How often the run in the way may have ended at this very moment. */
const TRIES = 5;

/**
 * Makes a run and its event, or finds the one that its idempotency key made or that it joins. Refuses as `triggerRun` does.
 * What is asked for when the stage is busy, and how urgent it is, is no part of what an idempotency key stands for.
 */
export async function insertRun(ctx: Ctx, { pipeline, stage, params, idempotencyKey, onBusy, priority, groupId, waitsFor = [], begins = false, retrying }: NewRun): Promise<Triggered> {
  const exclusiveKey = stage.exclusive ? stage.exclusive(params) : `${pipeline}/${stage.name}`;
  const requestHash = idempotencyKey ? hashOf({ pipeline, stage: stage.name, params, ...retrying }) : null;
  const insert = (inLine: boolean) => ctx.db.$queryRaw<{ id: bigint }[]>`${KEPT}
    with made as (
      insert into runs (pipeline, stage, params, config_snapshot, triggered_by, created_by, exclusive_key, in_line, priority, idempotency_key, request_hash, group_id, waits_for, retry_of, only_failed)
      values (${pipeline}, ${stage.name}, ${JSON.stringify(params)}::jsonb, ${JSON.stringify(snapshotOf(stage))}::jsonb,
              ${TRIGGER_OF[ctx.actor.kind]}::run_trigger, ${ctx.actor.name}, ${exclusiveKey}, ${inLine}, ${priority ?? (ctx.actor.kind === "worker" ? "low" : "normal")}::run_priority,
              ${idempotencyKey ?? null}, ${requestHash}, ${groupId ?? null}, ${waitsFor}::bigint[], ${retrying?.retryOf ?? null}::bigint, ${retrying?.onlyFailed ?? false})
      on conflict do nothing
      returning id, pipeline, stage, status, triggered_by, retry_of, priority
    ), ${runEvent(ctx, sql`made`, "run.pending", retrying)}${begins && !inLine ? sql`, ${firstUnit(sql`made`)} select id, ${TOLD}, ${firstJob(sql`made`)}` : sql` select id, ${TOLD}`} from event`;

  let inLine = false;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [row] = await insert(inLine);
    if (row) return recordMade(ctx, Number(row.id), stage, params, { inLine, begins, retrying });
    const earlier = idempotencyKey ? await ctx.db.run.findUnique({ where: { idempotencyKey }, select: { id: true, requestHash: true } }) : null;
    if (earlier && earlier.requestHash !== requestHash) {
      throw new AppError("MISMATCH", `The idempotency key "${idempotencyKey}" was used for another request (run #${earlier.id}). Use a new key.`, { details: { runId: Number(earlier.id) } });
    }
    if (earlier) return { runId: Number(earlier.id), created: false, joined: false, inLine: false };
    const busy = await decideBusy(ctx, stage.name, exclusiveKey, onBusy ?? stage.onBusy ?? "reject");
    if (busy.act === "join") return { runId: busy.runId, created: false, joined: true, inLine: false };
    inLine = busy.act === "queue";
  }
  throw new AppError("CONFLICT", `Other runs of ${stage.name} ended at this very moment. Try again.`);
}

/** What shapes a run besides its parameters, with the rules it goes by: a limit that is changed later is the next run's. */
const snapshotOf = ({ snapshot, retry, timeouts }: Stage) => ({ ...snapshot?.(), ...(retry && { retry }), ...(timeouts && { timeouts }) });

async function recordMade(ctx: Ctx, runId: number, stage: Stage, params: unknown, { inLine, begins, retrying }: { inLine: boolean; begins: boolean; retrying?: Retrying }): Promise<Triggered> {
  // A retry of many is one act, which its preview has told the size of.
  if (!retrying) await refuseMany(ctx);
  const subjects = Object.entries(stage.subjects?.(params) ?? {}).flatMap(([key, value]) => [value].flat().map((one) => ({ runId, key, value: one.slice(0, 200) })));
  if (subjects.length > 0) await ctx.db.runSubject.createMany({ data: subjects, skipDuplicates: true });
  await failpoint("trigger.inserted");
  if (begins && !inLine) await toldBegun();
  return { runId, created: true, joined: false, inLine };
}

/** Undoes a trigger that leaves one person, or one key, more runs in wait than it may have. @throws AppError TOO_MANY */
async function refuseMany({ db, actor }: Ctx): Promise<void> {
  if (signatureOf(actor) === null) return;
  const [row] = await db.$queryRaw<{ waiting: number }[]>`select count(*)::int as waiting from (select 1 from runs where status = 'pending' and created_by = ${actor.name} limit ${LIMITS.queuedRuns + 1}) w`;
  if ((row?.waiting ?? 0) > LIMITS.queuedRuns) throw new AppError("TOO_MANY", `${LIMITS.queuedRuns} runs of ${actor.name} wait to be started already. Wait until some have begun, or cancel those that are not needed.`);
}

/** A stable digest of what was asked for: keys in order, so that two spellings of the same request are equal. */
function hashOf(request: unknown): string {
  const sorted = JSON.stringify(request, (_, value) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
  return createHash("sha256").update(sorted).digest("hex");
}
