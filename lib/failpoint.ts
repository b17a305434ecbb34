/**
 * Named places at the boundaries of the engine, where a test may have the process die, wait or fail. Nothing happens at them
 * unless `PENSTOCK_FAILPOINTS` asks for it, and that is refused outside of tests.
 *
 *   PENSTOCK_FAILPOINTS="endUnit.committed=kill@3; step.acted/settle=sleep(2000)@1; claim.updated=throw"
 *
 * `@3` means at the third time only; `/settle` only for units of that kind. Names tell what has just been done: what reads
 * `…committed` stands behind a commit, all else before one.
 */
import type { UnitKind } from "#lib/db/generated/enums";
import { messageOf } from "#lib/errors";

/** Those of a unit's life, each reached by planning, working and settling units alike. */
export const UNIT_FAILPOINTS = ["claim.committed", "endUnit.counted", "endUnit.followed", "endUnit.committed", "handBack.given", "handBack.committed", "repair.given", "repair.committed"] as const;
/** Those of what a unit does; a planning unit has no context to do it with. */
export const ACT_FAILPOINTS = ["step.begun", "step.acted", "step.ended", "write.held", "write.acted", "write.committed"] as const;
export const RUN_FAILPOINTS = [
  "enqueue.added", "trigger.inserted", "trigger.begun", "trigger.committed", "triggerAll.inserted", "triggerAll.committed",
  "claim.updated", "plan.cleared", "plan.batch", "plan.counted",
  "items.counted", "advance.wave", "advance.settle", "endRun.changed", "endRun.followed",
  "cancel.marked", "cancel.committed", "cancel.unitsEnded", "cancel.carriedOut",
  "bury.marked", "bury.unlocked", "bury.committed",
  "slot.claimed", "slot.triggered", "slot.decided", "slot.committed",
  "prune.batch", "prune.committed",
] as const;
export const FAILPOINTS = [...UNIT_FAILPOINTS, ...ACT_FAILPOINTS, ...RUN_FAILPOINTS] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

export type Reached = { name: Failpoint; kind: UnitKind | null };
/** What is done at a failpoint; it may never come back. */
export type Arm = (reached: Reached) => Promise<void> | void;

let armed: Arm | null = null;

/** One line at a boundary. Costs a comparison when nothing is armed. */
export function failpoint(name: Failpoint, kind: UnitKind | null = null): Promise<void> | void {
  if (armed) return armed({ name, kind });
}

/** Has `arm` called at every failpoint of this process, or nothing any more. */
export function armFailpoints(arm: Arm | null): void {
  armed = arm;
}

type Order = { name: Failpoint; kind: UnitKind | null; act: "kill" | "throw" | "sleep" | "stop"; ms: number; at: number | null; reached: number };

/** @throws Error that names what cannot be read and what could be. */
export function parseFailpoints(spec: string): Order[] {
  return spec.split(";").map((part) => part.trim()).filter(Boolean).map((part) => {
    const [, name, kind = null, act, ms = "0", at = null] = /^([\w.]+)(?:\/(plan|work|settle))?=(kill|throw|stop|sleep(?=\())(?:\((\d+)\))?(?:@([1-9]\d*))?$/.exec(part) ?? [];
    if (!act) throw new Error(`"${part}" is no failpoint: write name=kill, throw, stop or sleep(ms), with @n for the nth time only and name/plan for units of one kind.`);
    if (!FAILPOINTS.some((known) => known === name)) throw new Error(`There is no failpoint "${name}". There is: ${FAILPOINTS.join(", ")}.`);
    return { name: name as Failpoint, kind: kind as UnitKind | null, act: act as Order["act"], ms: Number(ms), at: at === null ? null : Number(at), reached: 0 };
  });
}

/** Thrown where a failpoint says so. */
export class FailpointError extends Error {
  constructor(name: Failpoint) {
    super(`Failpoint ${name}`);
    this.name = "FailpointError";
  }
}

/** What a specification does with the process that it was given to. */
export function obey(orders: Order[]): Arm {
  return async ({ name, kind }) => {
    for (const order of orders) {
      if (order.name !== name || (order.kind !== null && order.kind !== kind)) continue;
      order.reached += 1;
      if (order.at !== null && order.at !== order.reached) continue;
      if (order.act === "throw") throw new FailpointError(name);
      if (order.act === "kill") process.kill(process.pid, "SIGKILL");
      else if (order.act === "stop") process.kill(process.pid, "SIGSTOP");
      else await new Promise((resolve) => setTimeout(resolve, order.ms));
    }
  };
}

/**
 * Arms what the environment asks for.
 *
 * @throws Error outside of tests: a variable must never be able to kill what works.
 */
export function armFromEnv({ PENSTOCK_FAILPOINTS: spec, NODE_ENV }: Record<string, string | undefined>): void {
  if (!spec) return;
  if (NODE_ENV !== "test") throw new Error("PENSTOCK_FAILPOINTS is for tests: unset it, or set NODE_ENV=test in a process that may die.");
  try {
    armFailpoints(obey(parseFailpoints(spec)));
  } catch (error) {
    throw new Error(`PENSTOCK_FAILPOINTS cannot be read. ${messageOf(error)}`, { cause: error });
  }
}

armFromEnv(process.env);
