/**
 * The engine one step at a time: a unit is claimed when it is said, waits inside its stage's code for an order, ends when it is
 * said, and its worker dies when it is said. Everything of it is the engine's own, and the database is real.
 */
import { hostname } from "node:os";
import pg from "pg";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { type Json, definePipeline, defineStage, type UnitCtx, unit, wave } from "#lib/engine/define";
import { type AbortReason, executeUnit, type UnitOutcome } from "#lib/engine/execute";
import { sweep } from "#lib/engine/liveness";
import { armFailpoints, type Failpoint, FailpointError } from "#lib/failpoint";
import type { Ending } from "./model.ts";

/** What a unit is told while it waits; the last three end it. */
type Order = "progress" | Ending;

/** Units that wait, by run and seq; the newest attempt of one takes the place of those before it. */
const gates = new Map<string, { opened: (gate: OpenGate) => void }>();
type OpenGate = { tell(order: Order): void; done: Promise<void> };

/** Tells the stepper that the unit has come here, and waits for what it says. */
async function obeyOrders(key: string, on: { progress(): Promise<void>; mixed(): void }): Promise<void> {
  for (;;) {
    let settle = () => {};
    const done = new Promise<void>((resolve) => { settle = resolve; });
    const order = await new Promise<Order>((tell) => {
      const waiting = gates.get(key);
      if (!waiting) throw new Error(`Nobody steps unit ${key}`);
      waiting.opened({ tell, done });
    });
    try {
      if (order === "progress") await on.progress();
      else if (order === "mixed") on.mixed();
      else if (order === "fail") throw new RangeError("It was told to fail");
      if (order !== "progress") return;
    } finally {
      settle();
    }
  }
}

const obeyUnit = (ctx: Pick<UnitCtx<unknown>, "runId" | "unitSeq" | "write"> & Partial<Pick<UnitCtx<unknown>, "items">>): Promise<void> =>
  obeyOrders(`${ctx.runId}/${ctx.unitSeq}`, {
    progress: () => ctx.write(async (_, counted) => counted.done()),
    mixed: () => ctx.items?.failed({ item: "one", error: new Error("It was told to fail") }),
  });

const Params = z.object({ plan: z.array(z.int()).default([]), key: z.string().nullable().default(null) });
const scripted = (name: string, needs: string[], settles: boolean) =>
  defineStage<typeof Params, Json>(name, {
    title: name, description: "Does as it is told", itemsName: "items", rowsName: "rows", rows: async () => 0, waiting: async () => 0,
    needs, params: Params, exclusive: ({ key }) => key, manual: settles,
    plan: async function* ({ runId }, { plan }) {
      await obeyOrders(`${runId}/0`, { progress: async () => {}, mixed: () => {} });
      for (const units of plan) yield wave(Array.from({ length: units }, (_, index) => unit(`unit-${index + 1}`, null)));
    },
    unit: (ctx) => obeyUnit(ctx),
    ...(settles ? { settle: (ctx) => obeyUnit(ctx) } : {}),
  });

export const script = definePipeline("script", { title: "Script", description: "For the model", stages: [scripted("a", [], false), scripted("b", ["a"], false), scripted("c", ["b"], false), scripted("settling", [], true)] });

/** No process has this id: Linux hands out less. */
const NO_PID = 2 ** 22 + 1;

/** A unit in a worker's hands. */
export type Held = { runId: number; seq: number; workerId: number; controller: AbortController; gate: OpenGate; outcome: Promise<UnitOutcome | Error>; /** Another order has been obeyed, and the unit waits again. */ again: Promise<OpenGate> };

export type Stepper = Awaited<ReturnType<typeof openStepper>>;

export async function openStepper(ctx: Ctx, url: string) {
  /** Attempts that have not ended. */
  const open = new Set<Held>();
  const session = new pg.Client({ connectionString: url });
  await session.connect();

  /** A worker of this machine: its process is what says whether it lives, and ours does until it is buried. */
  async function newWorker(): Promise<number> {
    const { id } = await ctx.db.worker.create({ data: { host: hostname(), pid: process.pid, version: "0", concurrency: 1, stages: [], heartbeatAt: new Date(Date.now() + 86_400_000) }, select: { id: true } });
    return Number(id);
  }

  /** Gives a unit to a worker; null when it is not due. With `at`, the worker dies there. */
  async function begin(runId: number, seq: number, at?: Failpoint): Promise<Held | null> {
    const workerId = await newWorker();
    const key = `${runId}/${seq}`;
    let controller = new AbortController();
    const opened = Promise.withResolvers<OpenGate>();
    let again = Promise.withResolvers<OpenGate>();
    let isFirst = true;
    const before = gates.get(key);
    gates.set(key, { opened: (gate) => {
      if (isFirst) opened.resolve(gate);
      else {
        held.gate = gate;
        again.resolve(gate);
        again = Promise.withResolvers<OpenGate>();
        held.again = again.promise;
      }
      isFirst = false;
    } });
    if (at) dieAt(at);
    const outcome: Promise<UnitOutcome | Error> = executeUnit({ ctx, workerId, hold: (_, given) => { controller = given; return () => {}; } }, runId, seq).catch((error: Error) => error);
    const first = await Promise.race([opened.promise, outcome]);
    armFailpoints(null);
    if (typeof first === "string" || first instanceof Error) {
      if (first instanceof Error && !(first instanceof FailpointError)) throw first;
      // Who holds it already goes on being heard.
      if (before) gates.set(key, before);
      if (first instanceof Error) await bury(workerId);
      return null;
    }
    const held: Held = { runId, seq, workerId, controller, gate: first, outcome, again: again.promise };
    open.add(held);
    void outcome.then(() => open.delete(held));
    return held;
  }

  /** The process dies when it comes to this boundary: what it had not committed is rolled back, and nothing after it happens. */
  function dieAt(at: Failpoint): void {
    armFailpoints(({ name }) => {
      if (name === at) throw new FailpointError(name);
    });
  }

  /** A worker of which nothing is heard any more, and a sweeper that comes by. */
  async function bury(workerId: number): Promise<void> {
    await ctx.db.$executeRaw`update workers set pid = ${NO_PID}::int where id = ${workerId}::bigint`;
    await sweepNow(5);
  }

  /** A sweeper comes by, `seconds` after every request to cancel. */
  async function sweepNow(seconds: number): Promise<void> {
    await ctx.db.$executeRaw`update runs set cancel_requested_at = clock_timestamp() - make_interval(secs => ${seconds}::int) where cancel_requested_at is not null and status in ('pending', 'running')`;
    await sweep(ctx, session);
  }

  /** As if nothing had ever been run: what a sequence leaves would slow down every sweep of those after it. */
  async function clear(): Promise<void> {
    await ctx.db.$executeRaw`
      with r as (delete from runs), w as (delete from workers), c as (delete from stage_controls) delete from graphile_worker._private_jobs`;
    // Of what is gone none of them can write anything.
    for (const { gate } of open) gate.tell("fail");
    await Promise.all([...open].map(({ outcome }) => outcome));
    gates.clear();
  }

  return {
    begin,
    bury,
    clear,
    sweepNow,
    progress: async (held: Held) => {
      const { again } = held;
      held.gate.tell("progress");
      await Promise.race([again, held.outcome]);
    },
    /** Tells the unit to end; with `at`, its worker dies there. */
    finish: async (held: Held, order: Ending, at?: Failpoint): Promise<UnitOutcome | Error> => {
      if (at) dieAt(at);
      held.gate.tell(order);
      const outcome = await held.outcome;
      armFailpoints(null);
      return outcome;
    },
    /** The unit's signal, as its worker would give it; the unit looks up at once. */
    abort: async (held: Held, reason: AbortReason): Promise<UnitOutcome | Error> => {
      held.controller.abort(reason);
      held.gate.tell("fail");
      return held.outcome;
    },
    close: () => session.end(),
  };
}
