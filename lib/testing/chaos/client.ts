/** Somebody who asks for runs and writes down what was acknowledged. What got no answer is asked for again under the same key. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { cancelRun } from "#lib/engine/cancel";
import { retryRun } from "#lib/engine/retry";
import { triggerAll, triggerRun } from "#lib/engine/trigger";
import { AppError } from "#lib/errors";
import { isFinal, RUN_STATUSES } from "#lib/runs/rules";
import type { Act } from "./check.ts";
import type { Random } from "./random.ts";

/** Runs that may be open at once; more would only wait. */
const MAX_OPEN = 40;
const LOOK_MS = 250;

export type Client = {
  acts: Act[];
  /** Asks for `runs` runs, and goes on until `enough` says so. */
  ask(runs: number, enough: () => boolean): Promise<void>;
  /** Runs that were acknowledged so far. */
  acknowledged(): number;
  stop(): Promise<void>;
};

const Seen = z.array(z.object({ id: z.coerce.number(), status: z.enum(RUN_STATUSES) }));

export function openClient(ctx: Ctx, random: Random, { prefix, sleepMs }: { prefix: string; sleepMs: number }): Client {
  const acts: Act[] = [];
  const open = new Set<number>();
  const ended: number[] = [];
  const besides = new Set<Promise<unknown>>();
  let isStopping = false;
  let asked = 0;
  let acknowledged = 0;

  /** Asks until there is an answer; a refusal is one. */
  async function insist<T>(ask: () => Promise<T>): Promise<T | AppError> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof AppError && !["UNAVAILABLE", "DISK_FULL"].includes(error.code)) return error;
        if (isStopping) throw error;
        await sleep(100);
      }
    }
  }

  async function trigger(): Promise<void> {
    const key = `${prefix}-${(asked += 1)}`;
    const units = random.int(1, 6);
    const items = random.int(1, 8);
    const params = { units, items, waves: random.int(1, Math.min(units, 3)), sleepMs: random.int(0, sleepMs), failing: random.next() < 0.1 ? 1 : 0 };
    const times = random.next() < 0.1 ? 5 : 1;
    const willCancel = random.next() < 0.08 ? random.int(0, 500) : null;
    const act = { act: "trigger" as const, key, runIds: null, items: units * items, units };
    acts.push(act);
    const answers = await Promise.all(Array.from({ length: times }, () => insist(() => triggerRun(ctx, { pipeline: "chaos", stage: "first", params, idempotencyKey: key }))));
    for (const answer of answers) {
      if (answer instanceof AppError) throw answer;
      acts.push({ ...act, runIds: [answer.runId] });
      if (answer.created) note([answer.runId]);
      open.add(answer.runId);
    }
    const [first] = answers;
    if (willCancel !== null && first && !(first instanceof AppError)) beside(cancel(first.runId, willCancel));
  }

  async function triggerGroup(): Promise<void> {
    const act = { act: "triggerAll" as const, key: null, runIds: null, items: 4, units: 2 };
    // Without a key a repeat would be another group: what got no answer stays unknown.
    const answer = await triggerAll(ctx, { pipeline: "chaos", params: { units: 2, items: 2 } }).catch(() => null);
    acts.push({ ...act, runIds: answer?.runIds ?? null });
    if (answer) note(answer.runIds);
  }

  async function cancel(runId: number, afterMs: number): Promise<void> {
    await sleep(afterMs);
    const answer = await insist(() => cancelRun(ctx, { runId }));
    if (answer instanceof AppError) throw answer;
    acts.push({ act: "cancel", runId, answer: answer.ok ? "ok" : "too late" });
  }

  async function retry(): Promise<void> {
    const of = ended.splice(random.int(0, ended.length - 1), 1)[0];
    if (of === undefined) return;
    const key = `${prefix}-retry-${(asked += 1)}`;
    acts.push({ act: "retry", key, of, runIds: null });
    const answer = await insist(() => retryRun(ctx, { runId: of, idempotencyKey: key }));
    if (answer instanceof AppError) throw answer;
    acts.push({ act: "retry", key, of, runIds: [answer.runId] });
    note([answer.runId]);
  }

  function note(runIds: number[]): void {
    acknowledged += runIds.length;
    for (const runId of runIds) open.add(runId);
  }
  function beside(work: Promise<unknown>): void {
    const kept = work.catch((error) => { if (!isStopping) throw error; }).finally(() => besides.delete(kept));
    besides.add(kept);
  }

  /** Looks at the open runs as a page would. */
  async function look(): Promise<void> {
    while (!isStopping) {
      await sleep(LOOK_MS);
      const ids = [...open];
      if (ids.length === 0) continue;
      const rows = await ctx.db.$queryRaw`select id, status::text from runs where id = any(${ids}::bigint[])`.catch(() => []);
      for (const { id: runId, status } of Seen.parse(rows)) {
        acts.push({ act: "seen", runId, status });
        if (!isFinal(status) || !open.delete(runId)) continue;
        ended.push(runId);
      }
    }
  }
  const looking = look();

  return {
    acts,
    acknowledged: () => acknowledged,
    ask: async (runs, enough) => {
      while (acknowledged < runs || !enough()) {
        if (open.size >= MAX_OPEN) {
          await sleep(20);
          continue;
        }
        const dice = random.next();
        if (dice < 0.05) await triggerGroup();
        else if (dice < 0.12 && ended.length > 0) await retry();
        else await trigger();
        if (acknowledged >= runs) await sleep(100);
      }
      await Promise.all(besides);
    },
    stop: async () => {
      isStopping = true;
      await Promise.all([looking, ...besides]);
    },
  };
}
