import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";

/**
 * A worker counts as alive while it has not stopped and was heard of within this time, in seconds.
 * Past it a sweeper is about to take its units away.
 */
const SILENT_AFTER_S = 15;
export const IS_ALIVE = sql`(w.stopped_at is null and coalesce(w.heartbeat_at, w.started_at) > clock_timestamp() - make_interval(secs => ${SILENT_AFTER_S}::int))`;

export type WorkerRow = {
  id: number;
  host: string;
  pid: number;
  version: string;
  /** Units it runs at a time. */
  concurrency: number;
  alive: boolean;
  startedAt: Date;
  heartbeatAt: Date | null;
  stoppedAt: Date | null;
  stopReason: string | null;
  /** The stages it can run, as `pipeline/stage`; empty for a version that did not say. */
  stages: string[];
  /** From then on it takes nothing new. */
  drainRequestedAt: Date | null;
  drainRequestedBy: string | null;
  /** Units it is running now. */
  units: { runId: number; seq: number; name: string; startedAt: Date | null }[];
};

/** Workers that have not stopped, and the last few that have, newest first; 100 at most. */
export async function listWorkers(ctx: Ctx): Promise<WorkerRow[]> {
  allow(ctx, "runs.read");
  const workers = await ctx.db.$queryRaw<(Omit<WorkerRow, "id" | "units"> & { id: bigint })[]>`
    select w.id, w.host, w.pid, w.version, w.concurrency, ${IS_ALIVE} as alive, w.started_at as "startedAt",
           w.heartbeat_at as "heartbeatAt", w.stopped_at as "stoppedAt", w.stop_reason as "stopReason", coalesce(w.stages, '{}') as stages,
           w.drain_requested_at as "drainRequestedAt", w.drain_requested_by as "drainRequestedBy"
      from workers w
     order by (w.stopped_at is null) desc, w.id desc
     limit 100`;
  const held = await ctx.db.$queryRaw<{ workerId: bigint; runId: bigint; seq: number; name: string; startedAt: Date | null }[]>`
    select u.worker_id as "workerId", u.run_id as "runId", u.seq, u.name, u.started_at as "startedAt"
      from run_units u
     where u.status = 'running' and u.worker_id is not null
     order by u.started_at
     limit 1000`;
  return workers.map((worker) => ({
    ...worker,
    id: Number(worker.id),
    units: held.filter((unit) => unit.workerId === worker.id).map(({ runId, seq, name, startedAt }) => ({ runId: Number(runId), seq, name, startedAt })),
  }));
}

/** Workers that have stopped in the last day are told on the page; older ones say nothing to anyone. */
export async function listRecentWorkers(ctx: Ctx): Promise<WorkerRow[]> {
  allow(ctx, "runs.read");
  const [clock] = await ctx.db.$queryRaw<{ dayAgo: Date }[]>`select clock_timestamp() - interval '1 day' as "dayAgo"`;
  return (await listWorkers(ctx)).filter(({ stoppedAt }) => stoppedAt === null || (clock !== undefined && stoppedAt > clock.dayAgo));
}

/** How many workers are alive. The table is small: one row per process ever started. */
export async function countLiveWorkers(ctx: Ctx): Promise<number> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<{ n: number }[]>`select count(*)::int as n from workers w where w.stopped_at is null and ${IS_ALIVE}`;
  return found?.n ?? 0;
}
