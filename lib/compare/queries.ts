import { randomUUID } from "node:crypto";
import { allow } from "#lib/access/rules";
import type { Comparable } from "#lib/baseline/queries";
import { type ComparedStep, type ComparedUnit, alignRuns, type CompareRow, type Difference, differencesOf, firstDivergence } from "#lib/compare/rules";
import type { Ctx } from "#lib/ctx";
import { getRun, type RunDetail } from "#lib/runs/queries";

/** Units and steps of each run that are laid side by side; aligning takes the product of both sides. */
export const COMPARED_MAX = 2_000;

export type Comparison = {
  a: RunDetail;
  b: RunDetail;
  /** What the model calls of each cost, in dollars; null where none is known. */
  costUsd: { a: number | null; b: number | null };
  facts: Difference[];
  rows: CompareRow[];
  /** Index into `rows` of the first point at which they part; null when they do not. */
  divergence: number | null;
  /** Only the beginning of a run was compared: it has more units or steps than `COMPARED_MAX`. */
  isCut: boolean;
};

/**
 * Two runs side by side: what differs in their facts, and their units and steps aligned by name and order.
 *
 * @throws AppError NOT_FOUND when one of them does not exist.
 */
export async function compareRuns(ctx: Ctx, aId: number, bId: number): Promise<Comparison> {
  allow(ctx, "runs.read");
  const [a, b] = await Promise.all([getRun(ctx, aId), getRun(ctx, bId)]);
  // Of this comparison alone: by a hash that stays the same, a short payload could be guessed.
  const salt = randomUUID();
  const [left, right] = await Promise.all([readSide(ctx, aId, salt), readSide(ctx, bId, salt)]);
  const rows = alignRuns(left.units, right.units);
  const comparable = (run: RunDetail): Comparable => run;
  return { a, b, costUsd: { a: left.costUsd, b: right.costUsd }, facts: differencesOf(comparable(a), comparable(b)), rows, divergence: firstDivergence(rows), isCut: left.isCut || right.isCut };
}

type StoredStep = ComparedStep & { unitSeq: number | null };

async function readSide(ctx: Ctx, runId: number, salt: string): Promise<{ units: ComparedUnit[]; costUsd: number | null; isCut: boolean }> {
  const [units, steps, [cost]] = await Promise.all([
    ctx.db.$queryRaw<Omit<ComparedUnit, "steps">[]>`
      select seq, kind, wave, name, status, duration_ms as "durationMs", items_done as "itemsDone", items_failed as "itemsFailed"
        from run_units where run_id = ${runId}::bigint order by seq limit ${COMPARED_MAX + 1}`,
    ctx.db.$queryRaw<StoredStep[]>`
      select s.seq, s.unit_seq as "unitSeq", s.step_name as name, s.status, s.attempt, s.duration_ms as "durationMs", left(s.error, 300) as error,
             md5(${salt} || s.input_json) as "inputHash", md5(${salt} || s.output_json) as "outputHash",
             (select sum(c.cost_usd)::float8 from llm_calls c where c.pipeline_step_id = s.id) as "costUsd"
        from run_steps s where s.run_id = ${runId}::bigint order by s.seq limit ${COMPARED_MAX + 1}`,
    ctx.db.$queryRaw<{ costUsd: number | null }[]>`select sum(cost_usd)::float8 as "costUsd" from llm_calls where run_id = ${runId}::bigint`,
  ]);
  const isCut = units.length > COMPARED_MAX || steps.length > COMPARED_MAX;
  const stepsOf = Map.groupBy(steps.slice(0, COMPARED_MAX), ({ unitSeq }) => unitSeq ?? NO_UNIT);
  const plain = ({ unitSeq: _, ...step }: StoredStep): ComparedStep => step;
  const compared = units.slice(0, COMPARED_MAX).map((unit): ComparedUnit => ({ ...unit, steps: (stepsOf.get(unit.seq) ?? []).map(plain) }));
  const loose = stepsOf.get(NO_UNIT);
  return { units: loose ? [{ ...LOOSE_STEPS, steps: loose.map(plain) }, ...compared] : compared, costUsd: cost?.costUsd ?? null, isCut };
}

/** Steps that a program recorded without a unit. */
const NO_UNIT = -1;
const LOOSE_STEPS = { seq: NO_UNIT, kind: "work", wave: 0, name: "Steps without a unit", status: "completed", durationMs: null, itemsDone: 0, itemsFailed: 0 } as const;
