/** How long the units of a killed worker wait until another attempt of them begins. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";

const LOOK_MS = 20;
const Rows = z.array(z.object({ run_id: z.coerce.number(), seq: z.number(), attempt: z.number() }));

export type Recovery = {
  /** This worker was killed just now. */
  note(workerId: number): void;
  /** Milliseconds from each kill to the next attempt of each unit that its worker held; units that were cancelled meanwhile are left out. */
  times(): number[];
  stop(): Promise<void>;
};

export function watchRecovery(ctx: Ctx): Recovery {
  const killed: { workerId: number; at: number; isRead: boolean }[] = [];
  const waiting: { runId: number; seq: number; attempt: number; at: number }[] = [];
  const times: number[] = [];
  let isStopping = false;

  /** What a dead worker holds stays as it is until a sweeper comes, at the earliest half a second later. */
  async function readHeld(): Promise<void> {
    for (const kill of killed.filter(({ isRead }) => !isRead)) {
      const rows = Rows.parse(await ctx.db.$queryRaw`select run_id, seq, attempt from run_units where worker_id = ${kill.workerId}::bigint and status = 'running'`);
      kill.isRead = true;
      for (const { run_id: runId, seq, attempt } of rows) waiting.push({ runId, seq, attempt, at: kill.at });
    }
  }

  async function readTaken(): Promise<void> {
    if (waiting.length === 0) return;
    const rows = Rows.parse(await ctx.db.$queryRaw`
      select u.run_id, u.seq, case when u.status = 'cancelled' then -1 else u.attempt end as attempt
        from run_units u
        join unnest(${waiting.map(({ runId }) => runId)}::bigint[], ${waiting.map(({ seq }) => seq)}::int[]) as w (run_id, seq) using (run_id, seq)`);
    const now = performance.now();
    const attemptOf = new Map(rows.map(({ run_id, seq, attempt }) => [`${run_id}/${seq}`, attempt]));
    for (const unit of waiting.splice(0)) {
      const attempt = attemptOf.get(`${unit.runId}/${unit.seq}`) ?? -1;
      if (attempt > unit.attempt) times.push(now - unit.at);
      else if (attempt === unit.attempt) waiting.push(unit);
    }
  }

  async function look(): Promise<void> {
    while (!isStopping) {
      await sleep(LOOK_MS);
      await readHeld().then(readTaken).catch(() => {});
    }
  }
  const looking = look();
  return {
    note: (workerId) => killed.push({ workerId, at: performance.now(), isRead: false }),
    times: () => [...times],
    stop: () => {
      isStopping = true;
      return looking;
    },
  };
}
