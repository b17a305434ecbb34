/**
 * What keeps a lower priority from waiting for ever: of so many units that a worker takes one is not of the highest priority
 * that waits, but the one below it that has waited longest. Whatever comes first in rank, each job that is due gets its turn.
 */
import type { Ctx } from "#lib/ctx";
import { TURN_EVERY } from "#lib/waits/rules";

/** The priority of a job whose turn it is: before all others (jobs.ts). */
export const TURN_PRIORITY = 0;

/** Priorities of jobs are tens: 9 and 10 are one rank. */
const rankOf = (jobPriority: number): number => Math.ceil(jobPriority / 10) * 10;

/** Counts what one worker takes, and gives the next turn away when it is due. */
export function countTurns(ctx: Ctx, tasks: string[]): { /** One of `jobPriority` is taken. */ note(jobPriority: number): Promise<void> } {
  let taken = 0;
  return {
    note: async (jobPriority) => {
      taken += 1;
      if (taken % TURN_EVERY === 0) await giveTurn(ctx, tasks, rankOf(jobPriority));
    },
  };
}

/** Puts the job that has waited longest of those below `rank` before all others; nothing if none waits. */
const giveTurn = (ctx: Ctx, tasks: string[], rank: number): Promise<unknown> => ctx.db.$queryRaw`
  select count(*)
    from graphile_worker.reschedule_jobs(array(
           select j.id
             from graphile_worker.jobs j
            where j.priority > ${rank}::int and j.locked_at is null and j.run_at <= now() and j.task_identifier = any(${tasks}::text[])
            order by j.run_at, j.id
            limit 1), priority => ${TURN_PRIORITY}::int)`;

const handed = new Map<string, number>();

/** Whether it is the turn of those of lower priority to be let in under the limit of this stage, by this process's count. */
export function isTurnIn(stage: string): boolean {
  const count = (handed.get(stage) ?? 0) + 1;
  handed.set(stage, count % TURN_EVERY);
  return count === TURN_EVERY;
}
