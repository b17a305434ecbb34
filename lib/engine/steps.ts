/** The rows of steps: begun as errors without an end, ended by whoever holds the unit, found again by a later attempt. */
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { KEPT, type Sql, sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import type { Json, StepEnd } from "./define.ts";
import { isHeld, type Claim } from "./settle.ts";

/** Thrown by every write of an attempt that no longer owns its unit. It ends the attempt and changes nothing. */
export class SupersededError extends Error {
  constructor({ runId, seq, attempt }: Claim) {
    super(`Attempt ${attempt} of unit ${seq} of run #${runId} was given to another worker`);
    this.name = "SupersededError";
  }
}

/** Where a step stands: what its children and its model calls refer to. */
export type StepRef = { seq: number; id: number };
export type StoredStep = StepRef & { output: Json | null };

const Begun = z.object({ seq: z.number(), id: z.coerce.number() });

const drawSeq = (claim: Claim): Sql => sql`
  update runs set last_step_seq = last_step_seq + 1
   where id = ${claim.runId} and exists (select 1 from run_units where ${isHeld(claim)})
  returning last_step_seq`;

/** Writes the step before its act begins, as an error without an end: what remains if the process dies in it. */
export async function beginStep(ctx: Ctx, claim: Claim, step: { name: string; key: string; input: Json; parentSeq: number | null }): Promise<StepRef> {
  const rows = await ctx.db.$queryRaw`${KEPT}
    with run as (${drawSeq(claim)})
    insert into run_steps (run_id, seq, unit_seq, parent_seq, attempt, step_name, step_key, input_json)
    select ${claim.runId}, last_step_seq, ${claim.seq}, ${step.parentSeq}::int, ${claim.attempt}, left(${storable(step.name)}, 100), ${storable(step.key)},
           ${step.input === null ? null : JSON.stringify(step.input)}
      from run
    returning seq, id`;
  const [begun] = z.array(Begun).parse(rows);
  if (!begun) throw new SupersededError(claim);
  return begun;
}

type Ending = Omit<StepEnd, "output"> & { output?: Json | void; durationMs: number };
export type OverStep = Ending & { name: string; key: string; input: Json; parentSeq: number | null };

/** Inserts a step that is over, with the number that `run`, of the same statement, has drawn for it as `last_step_seq`. */
export const insertOver = (claim: Claim, step: OverStep): Sql => sql`
  insert into run_steps (run_id, seq, unit_seq, parent_seq, attempt, step_name, step_key, input_json, status, output_json, error, error_class, duration_ms, started_at, completed_at)
  select ${claim.runId}, run.last_step_seq, ${claim.seq}, ${step.parentSeq}::int, ${claim.attempt}, left(${storable(step.name)}, 100), ${storable(step.key)},
         ${step.input === null ? null : JSON.stringify(step.input)}, ${step.status}::step_status, ${step.output === undefined ? null : JSON.stringify(step.output)},
         ${step.error === undefined ? null : storable(step.error)}, ${step.errorClass ?? null}, ${Math.round(step.durationMs)}::int,
         clock_timestamp() - ${step.durationMs}::float8 * interval '1 ms', clock_timestamp()
    from run
  returning seq, id`;

/** Writes a step that is over, once. */
export async function recordStep(ctx: Ctx, claim: Claim, step: OverStep): Promise<StepRef> {
  const [recorded] = z.array(Begun).parse(await ctx.db.$queryRaw`${KEPT} with run as (${drawSeq(claim)}) ${insertOver(claim, step)}`);
  if (!recorded) throw new SupersededError(claim);
  return recorded;
}

export async function endStep(ctx: Ctx, claim: Claim, stepSeq: number, end: Ending): Promise<void> {
  const ended = await ctx.db.$executeRaw`${KEPT}
    update run_steps
       set status = ${end.status}::step_status, output_json = ${end.output === undefined ? null : JSON.stringify(end.output)},
           error = ${end.error === undefined ? null : storable(end.error)}, error_class = ${end.errorClass ?? null},
           duration_ms = ${Math.round(end.durationMs)}, completed_at = clock_timestamp()
     where run_id = ${claim.runId} and seq = ${stepSeq}
       and exists (select 1 from run_units where ${isHeld(claim)})`;
  if (ended === 0) throw new SupersededError(claim);
}

/** What earlier attempts of the unit have done, by step key. */
export async function readStoredSteps(ctx: Ctx, claim: Claim): Promise<Map<string, StoredStep>> {
  const rows = await ctx.db.runStep.findMany({
    where: { runId: claim.runId, unitSeq: claim.seq, status: { in: ["ok", "skip"] } },
    select: { id: true, seq: true, stepKey: true, outputJson: true },
  });
  return new Map(rows.map((row) => [row.stepKey, { seq: row.seq, id: Number(row.id), output: row.outputJson === null ? null : JSON.parse(row.outputJson) }]));
}
