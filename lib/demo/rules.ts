/** A believable month of runs: pure, the same for the same seed and `now`. What they tell is in `world/`. */
import { Draw } from "#lib/draw";
import { SYSTEM_PREFIX } from "#lib/filters/fields";
import type { RunStatus } from "#lib/runs/rules";
import { simulationParams, workSimulation } from "./world/backtest.ts";
import { haltOf, HOUR_MS, incidentOf, isWithin, listSlots, mailWithin, midnight, MINUTE_MS, type Month, nextLook, person, type Slot, type Task } from "./world/calendar.ts";
import { FAULTS, type FaultName } from "./world/faults.ts";
import { GROUP_STAGES, Mailbox, type MailStage, paramsOf, snapshotOf } from "./world/mail.ts";
import { INCIDENT_TICKET, noteOn, PEOPLE, TEAMS } from "./world/people.ts";
import { blockRun, type DemoRun, type Order } from "./world/run.ts";
import { tradingSnapshot, workMaintenance, workSignal } from "./world/trading.ts";
import { RunWriter } from "./world/writer.ts";

export type { DemoRun };
export { FAULTS };

/** The annotation that marks a demo run; its value names the batch. Nobody else can set a key that begins so. */
export const DEMO_KEY = `${SYSTEM_PREFIX}demo`;

export const DEMO_DAYS = { least: 7, usual: 30, most: 90 } as const;
/** Runs that are aimed at; chance decides how many it is in the end. */
export const DEMO_RUNS = { least: 500, usual: 2_500, most: 10_000 } as const;
export const DEMO_SEED = 1_042;

export type DemoOptions = Month & { seed: number };

/** How much slower the provider answers at the end of the month than at its beginning: a drift that somebody should notice. */
const DRIFT = 1.1;
/** Nothing ends later than this before `now`, in milliseconds: what has just ended would look as if somebody worked. */
const MARGIN_MS = 90_000;
/** How often a run that failed is tried again, at most. */
const MAX_RETRIES = 3;

/** The runs in the order in which they were made. `group`, `waitsFor`, `retryOf` and `blockedBy` are places in this list. */
export function buildDemo(options: DemoOptions): DemoRun[] {
  return new Demo(options).build();
}

/** Why a run never began, as the engine says it. */
export function blockedReason(blocker: { stage: string; status: RunStatus }, id: number): string {
  const verb = { failed: "failed", cancelled: "was cancelled", skipped: "was skipped" }[blocker.status as string] ?? `ended ${blocker.status}`;
  return `Stage ${blocker.stage} (#${id}) ${verb}, and this one needs it`;
}

/** What goes wrong by itself: how often, and what. */
const TROUBLE: Record<string, { rate: number; faults: FaultName[] }> = {
  metadata: { rate: 0.012, faults: ["database", "deadlock"] },
  content: { rate: 0.14, faults: ["charset", "charset", "charset", "outOfMemory"] },
  entities: { rate: 0.06, faults: ["outOfMemory", "deadlock"] },
  classify: { rate: 0.16, faults: ["rateLimit", "rateLimit", "badAnswer", "contextLength", "overloaded"] },
  engage: { rate: 0.08, faults: ["badAnswer", "rateLimit"] },
  signal: { rate: 0.034, faults: ["noCandles", "noCandles", "orderRefused", "badAnswer", "rateLimit", "unreachable"] },
  maintenance: { rate: 0.05, faults: ["orderRefused", "badAnswer", "rateLimit"] },
  simulation: { rate: 0.2, faults: ["contextLength", "rateLimit", "badAnswer"] },
};
const ASKS_A_MODEL = ["classify", "engage", "signal", "maintenance", "simulation"];
/** How often somebody thinks better of it. */
const CANCELS: Record<string, number> = { classify: 0.07, entities: 0.06, simulation: 0.15, engage: 0.05 };

/** How often somebody writes down what they think of a run that ended so; of others 0.16. */
const NOTED: Partial<Record<RunStatus, number>> = { completed: 0.006, cancelled: 0.7 };

class Demo {
  readonly #draw: Draw;
  readonly #mailDraw: Draw;
  readonly #month: DemoOptions;
  readonly #runs: DemoRun[] = [];
  readonly #queue: Slot[];
  readonly #mailbox = new Mailbox();
  readonly #busyUntil = new Map<string, number>();
  readonly #retries = new Map<number, number>();
  /** The last engage of the month fails and nobody has looked yet: something is failing now. */
  readonly #unseen: Slot | undefined;
  readonly #incident;
  readonly #halt;
  #mailUntil: number;
  /** However short the month, somebody thinks better of something once. */
  #isAnyCancelled = false;

  constructor(options: DemoOptions) {
    this.#month = options;
    this.#draw = new Draw(options.seed);
    this.#mailDraw = new Draw(options.seed + 1);
    this.#incident = incidentOf(options);
    this.#halt = haltOf(options);
    this.#queue = listSlots(this.#draw, options);
    this.#unseen = this.#queue.findLast(({ task }) => task.kind === "mail" && task.stage === "engage");
    this.#mailUntil = midnight(options.now, options) - options.days * 24 * HOUR_MS;
  }

  build(): DemoRun[] {
    for (let next = 0; next < this.#queue.length; next += 1) {
      const slot = this.#queue[next];
      if (slot) this.#carryOut(slot, next);
    }
    for (const run of this.#runs) this.#annotate(run);
    return this.#runs;
  }

  #carryOut(slot: Slot, place: number): void {
    for (; this.#mailUntil + HOUR_MS <= slot.at; this.#mailUntil += HOUR_MS) this.#mailbox.arrived += mailWithin(this.#mailDraw, this.#mailUntil, this.#month);
    if (slot.task.kind === "nightly") {
      this.#nightly(slot, place);
      return;
    }
    slot.task = this.#sensible(slot);
    const key = exclusiveKey(slot.task);
    if (key && (this.#busyUntil.get(key) ?? 0) >= slot.at) return;
    const run = this.#work(slot, this.#order(slot, key), this.#troubleOf(nameOf(slot.task), slot));
    this.#add(run, place, slot);
  }

  /** People see on the page what waits, and seldom start a stage that has nothing to do. */
  #sensible({ task, asker, retryOf }: Slot): Task {
    if (retryOf !== undefined || task.kind !== "mail" || asker.triggeredBy === "ingest" || this.#mailbox.hasWork(task.stage) || this.#draw.chance(0.12)) return task;
    const stage = GROUP_STAGES.find((name) => this.#mailbox.hasWork(name));
    return stage ? { kind: "mail", stage } : task;
  }

  /** Run all: each stage begins when the one before has ended, and is skipped when that one did not end well. */
  #nightly(slot: Slot, place: number): void {
    if (GROUP_STAGES.some((stage) => (this.#busyUntil.get(`mail/${stage}`) ?? 0) >= slot.at)) return;
    const first = this.#runs.length;
    const made: DemoRun[] = [];
    let before: DemoRun | undefined;
    for (const [index, stage] of GROUP_STAGES.entries()) {
      const task: Task = { kind: "mail", stage };
      const order: Order = { ...this.#order({ ...slot, task }, exclusiveKey(task)), startAt: before?.completedAt, group: first, waitsFor: index > 0 ? [first + index - 1] : [] };
      const isBroken = before && ["failed", "skipped", "cancelled"].includes(before.status) && (before.status !== "skipped" || before.startedAt === null);
      const run: DemoRun = before && isBroken
        ? blockRun(order, { blockedBy: first + index - 1, at: before.completedAt + 3, worker: before.events.at(-1)?.actor ?? "worker 1" })
        : this.#work({ ...slot, task }, order, this.#nightFault(stage, slot.at));
      made.push(run);
      before = run;
    }
    if (made.some(({ completedAt }) => completedAt > this.#month.now - MARGIN_MS)) return;
    for (const [index, run] of made.entries()) {
      this.#add(run, place, { ...slot, task: { kind: "mail", stage: GROUP_STAGES[index] ?? "metadata" } });
      if (run.status === "failed") this.#goOnInTheMorning(run, place);
    }
  }

  /** Three nights of the month break off and one reads badly; every other one is as good as a day. */
  #nightFault(stage: MailStage, at: number): FaultName | null {
    const night = this.#month.days - 1 - Math.round((midnight(this.#month.now, this.#month) - midnight(at, this.#month)) / (24 * HOUR_MS));
    const bad: [share: number, stage: MailStage, fault: FaultName][] = [[0.25, "content", "database"], [0.4, "content", "charset"], [0.55, "classify", "overloaded"], [0.8, "entities", "database"]];
    const hit = bad.find(([share]) => Math.floor(this.#month.days * share) === night);
    if (hit) return hit[1] === stage ? hit[2] : null;
    return this.#draw.chance(0.12) && stage === "content" ? "charset" : null;
  }

  /** What the night left undone is carried on by hand, once the failed stage has been tried again. */
  #goOnInTheMorning({ completedAt, stage }: DemoRun, place: number): void {
    const asker = person(this.#draw);
    const from = GROUP_STAGES.findIndex((name) => name === stage);
    let at = nextLook(this.#draw, completedAt, this.#month) + 40 * MINUTE_MS;
    for (const rest of GROUP_STAGES.slice(from + 1)) {
      this.#enqueue({ at, task: { kind: "mail", stage: rest }, asker }, place);
      at += this.#draw.integer(4, 9) * MINUTE_MS;
    }
  }

  #order({ at, task, asker, retryOf }: Slot, key: string | null): Order {
    const common = { createdAt: at, ...asker, exclusiveKey: key, ...(retryOf !== undefined && { retryOf }) };
    switch (task.kind) {
      case "signal":
        return { ...common, pipeline: "trading", stage: "signal", params: { account: task.account, symbol: task.symbol, timeframe: "M15" }, configSnapshot: tradingSnapshot(this.#draw) };
      case "maintenance":
        return { ...common, pipeline: "trading", stage: "maintenance", params: { account: task.account }, configSnapshot: tradingSnapshot(this.#draw) };
      case "simulation":
        return { ...common, pipeline: "backtest", stage: "simulate", params: simulationParams(task.simulation), configSnapshot: { models: task.simulation.models, feed: "daily bars" } };
      default: {
        const stage = task.kind === "mail" ? task.stage : "metadata";
        return { ...common, pipeline: "mail", stage, params: paramsOf(stage), configSnapshot: snapshotOf(stage) };
      }
    }
  }

  #work({ at, task }: Slot, order: Order, fault: FaultName | null): DemoRun {
    const writer = new RunWriter(this.#draw, order);
    const name = nameOf(task);
    const rate = CANCELS[name] ?? 0;
    const isCancelled = this.#draw.chance(rate) || (rate > 0 && !this.#isAnyCancelled);
    const cancelledBy = isCancelled && !fault && order.group === undefined ? { name: this.#draw.pick(PEOPLE), at: 0.25 + this.#draw.next() * 0.6 } : undefined;
    const begun = this.#month.now - this.#month.days * 24 * HOUR_MS;
    const slowness = 1 + (DRIFT * Math.max(0, at - begun)) / (this.#month.now - begun);
    if (task.kind === "signal" && isWithin(this.#halt, at)) {
      writer.plan(4, { items: null, output: { units: 0, waves: 0, items: null } });
      return writer.finish({ skipReason: "The kill switch is on: no signal is taken" });
    }
    let decision: { outcome: string; hold: boolean } | null = null;
    if (task.kind === "signal") decision = workSignal(writer, task.symbol, { account: task.account, fault });
    else if (task.kind === "maintenance") decision = workMaintenance(writer, { account: task.account, fault });
    else if (task.kind === "simulation") workSimulation(writer, task.simulation, fault);
    else if (task.kind === "mail") this.#mailbox.work(task.stage, writer, { fault, slowness });
    return writer.finish({ ...decision, ...(writer.hasWork && cancelledBy && { cancelledBy }) });
  }

  #troubleOf(name: string, slot: Slot): FaultName | null {
    const { at, retryOf } = slot;
    if (slot === this.#unseen && name === "engage") return "unreachable";
    if (isWithin(this.#incident, at) && ASKS_A_MODEL.includes(name)) return this.#draw.chance(0.93) ? "timeout" : null;
    const trouble = TROUBLE[name];
    return trouble && retryOf === undefined && this.#draw.chance(trouble.rate) ? this.#draw.pick(trouble.faults) : null;
  }

  #add(run: DemoRun, place: number, slot: Slot): void {
    if (run.completedAt > this.#month.now - MARGIN_MS) return;
    const index = this.#runs.push(run) - 1;
    this.#isAnyCancelled ||= run.status === "cancelled";
    if (run.exclusiveKey) this.#busyUntil.set(run.exclusiveKey, run.completedAt);
    if (run.status !== "failed" || slot === this.#unseen) return;
    const tries = slot.retryOf === undefined ? 0 : (this.#retries.get(slot.retryOf) ?? 0) + 1;
    this.#retries.set(index, tries);
    const isDuring = isWithin(this.#incident, run.completedAt);
    const isNight = run.group !== null;
    if (tries >= MAX_RETRIES || !(isNight || this.#draw.chance(isDuring ? 0.9 : 0.6))) return;
    // In the incident some try at once, and fail again; most wait until it is over.
    const waits = isDuring && this.#draw.chance(0.5) ? this.#incident.to + this.#draw.integer(3, 50) * MINUTE_MS : nextLook(this.#draw, run.completedAt, this.#month);
    this.#enqueue({ at: waits, task: slot.task, asker: person(this.#draw), retryOf: index }, place);
  }

  #enqueue(slot: Slot, place: number): void {
    if (slot.at >= this.#month.now) return;
    let at = place + 1;
    while (at < this.#queue.length && (this.#queue[at]?.at ?? 0) <= slot.at) at += 1;
    this.#queue.splice(at, 0, slot);
  }

  #annotate(run: DemoRun): void {
    const isIncident = run.status === "failed" && isWithin(this.#incident, run.createdAt);
    const team = TEAMS[run.pipeline];
    if (team && this.#draw.chance(isIncident ? 0.9 : 0.25)) this.#say(run, "team", team);
    if (isIncident && this.#draw.chance(0.8)) this.#say(run, "ticket", INCIDENT_TICKET);
    const note = noteOn(this.#draw, run.status);
    if (note && this.#draw.chance(NOTED[run.status] ?? 0.16)) this.#say(run, "note", note);
  }

  #say(run: DemoRun, key: string, value: string): void {
    run.annotations[key] = value;
    const last = run.events.at(-1)?.at ?? run.completedAt;
    const at = Math.min(last + this.#draw.integer(1, 30) * MINUTE_MS, Math.max(last, this.#month.now - 1_000));
    run.events.push({ type: "run.annotated", actor: this.#draw.pick(PEOPLE), status: run.status, said: { key, value }, at });
  }
}

const nameOf = (task: Task): string => (task.kind === "mail" ? task.stage : task.kind);

/** At most one run that is not final per key, as the stages themselves would have it. */
function exclusiveKey(task: Task): string | null {
  if (task.kind === "mail") return `mail/${task.stage}`;
  if (task.kind === "signal") return `trading/signal/${task.symbol}`;
  return task.kind === "maintenance" ? "trading/maintenance" : null;
}
