/** What becomes of a trigger while a run of its exclusive key goes on. */
import type { Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import type { OnBusy } from "./define.ts";

/** Runs that may stand in line for one key. More is a mistake of whoever triggers, and nobody would live to see the last one run. */
export const MAX_IN_LINE = 1_000;

type Holder = { id: number; status: "pending" | "running" };
export type Busy =
  | { act: "join"; runId: number }
  /** The run is to be made in line; the lock on the holder lasts until the end of the transaction. */
  | { act: "queue" }
  /** The run in the way has ended at this very moment: the next try will pass, or meet another. */
  | { act: "again" };

/** @throws AppError CONFLICT with `details.runId`, the run in the way, when the trigger is refused or the line is full */
export async function decideBusy(ctx: Ctx, stage: string, exclusiveKey: string | null, onBusy: OnBusy): Promise<Busy> {
  if (exclusiveKey === null) return { act: "again" };
  const holder = await findHolder(ctx, exclusiveKey, onBusy === "queue");
  if (!holder) return { act: "again" };
  if (onBusy === "join") return { act: "join", runId: holder.id };
  const state = holder.status === "running" ? "already running" : "already waiting to run";
  if (onBusy === "reject") throw new AppError("CONFLICT", `Stage ${stage} is ${state} as #${holder.id}. Wait for it to end, or cancel it first.`, { details: { runId: holder.id } });

  const [line] = await ctx.db.$queryRaw<{ n: number }[]>`
    select count(*)::int as n from (select 1 from runs where exclusive_key = ${exclusiveKey} and status = 'pending' and in_line limit ${MAX_IN_LINE}::int) l`;
  if ((line?.n ?? 0) >= MAX_IN_LINE) {
    throw new AppError("CONFLICT", `Stage ${stage} is ${state} as #${holder.id}, and ${MAX_IN_LINE.toLocaleString("en")} runs stand in line behind it. Let some of them run, or cancel them, before more are triggered.`, { details: { runId: holder.id } });
  }
  return { act: "queue" };
}

/**
 * The run that has the key. Locked, it cannot end before whoever stands in line behind it is seen there, and those that
 * come at once stand in line one after another.
 */
async function findHolder({ db }: Ctx, exclusiveKey: string, isLocked: boolean): Promise<Holder | null> {
  const rows = isLocked
    ? await db.$queryRaw<(Omit<Holder, "id"> & { id: bigint })[]>`select id, status::text from runs where exclusive_key = ${exclusiveKey} and status in ('pending', 'running') and not in_line for no key update`
    : await db.$queryRaw<(Omit<Holder, "id"> & { id: bigint })[]>`select id, status::text from runs where exclusive_key = ${exclusiveKey} and status in ('pending', 'running') and not in_line`;
  return rows[0] ? { ...rows[0], id: Number(rows[0].id) } : null;
}
