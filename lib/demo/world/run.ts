/** A made-up run and all that belongs to it, as the engine would have left it. Times are milliseconds since 1970. */
import type { RunTrigger, StepStatus, UnitKind } from "#lib/db/generated/enums";
import type { Draw } from "#lib/draw";
import type { RunStatus, UnitStatus } from "#lib/runs/rules";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What went wrong: the error's class and its message. */
export type Fault = { errorClass: string; message: string };

export type DemoUnit = {
  seq: number;
  kind: UnitKind;
  wave: number;
  name: string;
  status: UnitStatus;
  /** 0: nobody ever took it. */
  attempt: number;
  input: Json;
  output: Json;
  itemsDone: number;
  itemsFailed: number;
  itemsTotal: number | null;
  errorClass: string | null;
  error: string | null;
  startedAt: number | null;
  completedAt: number;
};

export type DemoStep = {
  seq: number;
  unitSeq: number;
  parentSeq: number | null;
  name: string;
  key: string;
  status: StepStatus;
  input: Json;
  output: Json;
  errorClass: string | null;
  error: string | null;
  startedAt: number;
  completedAt: number;
};

export type DemoCall = {
  stepSeq: number;
  provider: string;
  model: string;
  role: string;
  template: string;
  templateVersion: string;
  subject: string;
  status: StepStatus;
  systemPrompt: string;
  prompt: string;
  response: Json;
  error: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  durationMs: number;
  /** When the answer, or the failure, was written down. */
  at: number;
};

export type DemoLog = { unitSeq: number; level: "info" | "warn" | "error"; line: string; at: number };
export type DemoEvent = { type: string; actor: string; status: RunStatus; /** What an annotation's event tells besides. */ said?: { key: string; value: string }; at: number };

/** Who asked for a run, when, and what it has to do with others, which are told by their place in the list. */
export type Order = {
  pipeline: string;
  stage: string;
  createdAt: number;
  /** Later than `createdAt` where a run waits for others of its group. */
  startAt?: number;
  triggeredBy: RunTrigger;
  createdBy: string;
  params: Json;
  configSnapshot: Json;
  exclusiveKey: string | null;
  group?: number;
  waitsFor?: number[];
  retryOf?: number;
};

export type DemoRun = Required<Pick<Order, "pipeline" | "stage" | "createdAt" | "triggeredBy" | "createdBy" | "params" | "configSnapshot" | "exclusiveKey">> & {
  status: RunStatus;
  outcome: string | null;
  reason: string | null;
  group: number | null;
  waitsFor: number[];
  retryOf: number | null;
  /** The run of its group that kept it from starting; its reason tells that one's number (`blockedReason`). */
  blockedBy: number | null;
  itemsProcessed: number;
  itemsFailed: number;
  itemsTotal: number | null;
  unitsTotal: number;
  unitsDone: number;
  unitsFailed: number;
  wave: number;
  hold: boolean;
  errorClass: string | null;
  errorMessage: string | null;
  cancelRequestedAt: number | null;
  startedAt: number | null;
  completedAt: number;
  units: DemoUnit[];
  steps: DemoStep[];
  calls: DemoCall[];
  logs: DemoLog[];
  events: DemoEvent[];
  annotations: Record<string, string>;
  /** What the run is about, such as its symbols, as key and value. */
  subjects: [key: string, value: string][];
};

/** A run that is not there yet, as far as its order says: pending since `createdAt`. */
export function toRun(order: Order): DemoRun {
  const { startAt: _, group, waitsFor, retryOf, ...asked } = order;
  return {
    ...asked,
    status: "pending",
    outcome: null,
    reason: null,
    group: group ?? null,
    waitsFor: waitsFor ?? [],
    retryOf: retryOf ?? null,
    blockedBy: null,
    itemsProcessed: 0,
    itemsFailed: 0,
    itemsTotal: null,
    unitsTotal: 0,
    unitsDone: 0,
    unitsFailed: 0,
    wave: 0,
    hold: false,
    errorClass: null,
    errorMessage: null,
    cancelRequestedAt: null,
    startedAt: null,
    completedAt: order.createdAt,
    units: [],
    steps: [],
    calls: [],
    logs: [],
    events: [{ type: "run.pending", actor: order.createdBy, status: "pending", at: order.createdAt }],
    annotations: {},
    subjects: [],
  };
}

/** A run that never began, because one that it needs did not end well. */
export function blockRun(order: Order, { blockedBy, at, worker }: { blockedBy: number; at: number; worker: string }): DemoRun {
  const run = toRun(order);
  run.events.push({ type: "run.skipped", actor: worker, status: "skipped", at });
  return { ...run, status: "skipped", blockedBy, completedAt: at };
}

/**
 * Log-normal around `median`, whole and at least 1: how long things take, mostly near it and now and then much longer.
 *
 * @param spread standard deviation of the logarithm: 0.3 is steady, 0.8 is wild
 */
export function around(draw: Draw, median: number, spread: number): number {
  // Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - draw.next())) * Math.cos(2 * Math.PI * draw.next());
  return Math.max(1, Math.round(median * Math.exp(spread * normal)));
}
