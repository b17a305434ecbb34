/** What must not be in the history of a system whose plug was pulled: pure, so that it can be tested with histories that are bad. */
import { isFinal, NEXT_STATUSES, type RunStatus, type UnitStatus } from "#lib/runs/rules";

export const FAULTS = ["lost", "phantom", "duplicate", "stuck", "backwards", "stale"] as const;
export type Fault = { class: (typeof FAULTS)[number]; what: string };

/** What the client asked for and was told. One that was told nothing may have been carried out or not. */
export type Act =
  | { act: "trigger" | "triggerAll"; key: string | null; runIds: number[] | null; /** Items that each run has, once it is `completed`. */ items: number; units: number }
  | { act: "retry"; key: string; of: number; runIds: number[] | null }
  | { act: "cancel"; runId: number; answer: "ok" | "too late" | null }
  /** A status that somebody was shown. */
  | { act: "seen"; runId: number; status: RunStatus };

/** An effect in the outside world, as that world wrote it down, in its order. */
export type Effect = { key: string; attempt: number; receipt: number };

/** What the database holds at the end. Lists are in the order of their ids. */
export type State = {
  runs: { id: number; key: string | null; groupId: number | null; status: RunStatus; itemsProcessed: number; itemsFailed: number; unitsDone: number; unitsFailed: number; retryOf: number | null; isScheduled: boolean }[];
  units: { runId: number; seq: number; kind: string; status: UnitStatus; attempt: number; itemsDone: number }[];
  /** Written by units, one row an item: `key` tells which. */
  writes: { runId: number; seq: number; attempt: number; key: string }[];
  steps: { runId: number; unitSeq: number; attempt: number; key: string; status: "ok" | "skip" | "error"; ended: boolean; /** Of the effect that its output names. */ receipt: number | null }[];
  events: { runId: number; type: string }[];
  /** Units that jobs are waiting for. */
  jobs: { runId: number; seq: number }[];
};

export type History = { acts: Act[]; effects: Effect[]; state: State };

/** Every fault of a history; none is what is promised. */
export function checkHistory(history: History): Fault[] {
  return [...findLost(history), ...findPhantom(history), ...findDuplicate(history), ...findStuck(history), ...findBackwards(history), ...findStale(history)];
}

const groupBy = <T, K>(list: readonly T[], keyOf: (one: T) => K): Map<K, T[]> => Map.groupBy(list, keyOf);
const idOf = ({ runId, seq }: { runId: number; seq: number }) => `#${runId}/${seq}`;

/** Acknowledged and not there, or not as it was acknowledged; done and not counted. */
function findLost({ acts, state }: History): Fault[] {
  const runs = new Map(state.runs.map((run) => [run.id, run]));
  const writes = groupBy(state.writes, ({ runId }) => runId);
  const faults: Fault[] = [];
  const lose = (what: string) => faults.push({ class: "lost", what });
  for (const act of acts) {
    if (act.act === "cancel") {
      const status = runs.get(act.runId)?.status;
      if (act.answer === "ok" && status && isFinal(status) && status !== "cancelled") lose(`The cancellation of run #${act.runId} was acknowledged; it ended ${status}`);
    } else if (act.act !== "seen") {
      for (const id of act.runIds ?? []) if (!runs.has(id)) lose(`Run #${id} was acknowledged and is not there`);
      if (act.act === "retry") continue;
      for (const id of act.runIds ?? []) {
        const run = runs.get(id);
        if (run?.status !== "completed") continue;
        const written = new Set((writes.get(id) ?? []).map(({ key }) => key)).size;
        if (written < act.items) lose(`Run #${id} is completed with ${written} of ${act.items} items written`);
        if (run.itemsProcessed < act.items) lose(`Run #${id} is completed and counts ${run.itemsProcessed} of ${act.items} items`);
        if (run.unitsDone < act.units) lose(`Run #${id} is completed with ${run.unitsDone} of ${act.units} units`);
      }
    }
  }
  return faults;
}

/** There, and nobody asked for it. */
function findPhantom({ acts, effects, state }: History): Fault[] {
  const asked = new Set(acts.flatMap((act) => ("key" in act && act.key !== null ? [act.key] : [])));
  const acknowledged = new Set(acts.flatMap((act) => ("runIds" in act ? (act.runIds ?? []) : [])));
  const blind = acts.some((act) => act.act === "triggerAll" && act.runIds === null);
  const runs = new Set(state.runs.map(({ id }) => id));
  const faults: Fault[] = [];
  for (const run of state.runs) {
    const isAsked = run.key !== null ? asked.has(run.key) : acknowledged.has(run.id) || run.isScheduled || (blind && run.groupId !== null);
    if (!isAsked) faults.push({ class: "phantom", what: `Nobody asked for run #${run.id} (key ${run.key})` });
  }
  const receipts = new Set(effects.map(({ receipt }) => receipt));
  for (const step of state.steps) if (step.receipt !== null && !receipts.has(step.receipt)) faults.push({ class: "phantom", what: `Step ${step.runId}:${step.unitSeq}:${step.key} names receipt ${step.receipt}, which the outside never gave` });
  for (const { key } of effects) if (!runs.has(Number(key.split(":")[0]))) faults.push({ class: "phantom", what: `Effect ${key} belongs to no run` });
  return faults;
}

/** Recorded, counted or done more than once. */
function findDuplicate({ acts, effects, state }: History): Fault[] {
  const faults: Fault[] = [];
  const double = (what: string) => faults.push({ class: "duplicate", what });
  for (const [key, same] of groupBy(state.runs.filter((run) => run.key !== null), (run) => run.key)) if (same.length > 1) double(`Key ${key} made ${same.length} runs`);
  for (const [key, same] of groupBy(acts.filter((act) => "key" in act && act.key !== null && act.runIds !== null), (act) => ("key" in act ? act.key : null))) {
    const answers = new Set(same.map((act) => ("runIds" in act ? act.runIds?.join() : "")));
    if (answers.size > 1) double(`Key ${key} was answered with ${[...answers].join(" and ")}`);
  }
  for (const [key, same] of groupBy(state.writes, (write) => `#${write.runId} ${write.key}`)) if (same.length > 1) double(`Item ${key} was written ${same.length} times, by attempts ${same.map(({ attempt }) => attempt).join(", ")}`);
  const recorded = groupBy(state.steps.filter(({ status }) => status === "ok"), (step) => `${step.runId}:${step.unitSeq}:${step.key}`);
  for (const [key, same] of recorded) if (same.length > 1) double(`Step ${key} was recorded ${same.length} times, by attempts ${same.map(({ attempt }) => attempt).join(", ")}`);
  for (const { key, attempt } of effects) {
    const first = recorded.get(key)?.[0];
    if (first && attempt > first.attempt) double(`Effect ${key} was done again by attempt ${attempt}, recorded by attempt ${first.attempt}`);
  }
  const unitsOf = groupBy(state.units, ({ runId }) => runId);
  const writesOf = groupBy(state.writes, ({ runId }) => runId);
  for (const run of state.runs.filter(({ status }) => isFinal(status))) {
    const work = (unitsOf.get(run.id) ?? []).filter(({ kind }) => kind === "work");
    const counted = work.reduce((sum, { itemsDone }) => sum + itemsDone, 0);
    if (run.itemsProcessed !== counted) double(`Run #${run.id} counts ${run.itemsProcessed} items, its units ${counted}`);
    const written = writesOf.get(run.id)?.length ?? 0;
    if (run.itemsProcessed > written && written > 0) double(`Run #${run.id} counts ${run.itemsProcessed} items, ${written} were written`);
    const done = work.filter(({ status }) => status === "completed").length;
    if (run.unitsDone !== done) double(`Run #${run.id} counts ${run.unitsDone} units done, there are ${done}`);
  }
  return faults;
}

/** Not at its end when everything had time to end. */
function findStuck({ state }: History): Fault[] {
  const faults: Fault[] = [];
  const open = new Set(state.runs.filter(({ status }) => !isFinal(status)).map(({ id }) => id));
  for (const run of state.runs) if (open.has(run.id)) faults.push({ class: "stuck", what: `Run #${run.id} is still ${run.status}` });
  for (const unit of state.units) {
    const isOpen = unit.status === "running" || unit.status === "pending";
    if (isOpen && !open.has(unit.runId)) faults.push({ class: "stuck", what: `Unit ${idOf(unit)} is ${unit.status} in a run that has ended` });
  }
  for (const job of state.jobs) if (!open.has(job.runId)) faults.push({ class: "stuck", what: `A job waits for unit ${idOf(job)}, whose run has ended` });
  return faults;
}

const rank = (status: RunStatus): number => (status === "pending" ? 0 : status === "running" ? 1 : 2);

/** A status that went back, or an end after an end. */
function findBackwards({ acts, state }: History): Fault[] {
  const faults: Fault[] = [];
  const seen = new Map<number, RunStatus>();
  const follow = (runId: number, to: RunStatus, where: string) => {
    const from = seen.get(runId);
    if (from !== undefined && from !== to && (rank(to) <= rank(from) || isFinal(from))) faults.push({ class: "backwards", what: `Run #${runId} went from ${from} to ${to} ${where}` });
    seen.set(runId, to);
  };
  for (const act of acts) if (act.act === "seen") follow(act.runId, act.status, "before somebody's eyes");
  for (const { id, status } of state.runs) follow(id, status, "at last");
  const lasts = new Map(state.runs.map(({ id, status }) => [id, status]));
  for (const [runId, events] of groupBy(state.events, (event) => event.runId)) {
    const life = events.map(({ type }) => type.slice("run.".length)).filter((status): status is RunStatus => status in NEXT_STATUSES);
    for (const [index, status] of life.entries()) {
      const before = life[index - 1];
      if (before === undefined ? status !== "pending" : !NEXT_STATUSES[before].includes(status)) faults.push({ class: "backwards", what: `Run #${runId} has lived ${life.join(", ")}` });
    }
    const last = lasts.get(runId);
    if (last !== undefined && life.at(-1) !== last) faults.push({ class: "backwards", what: `Run #${runId} is ${last}, its last event says ${life.at(-1)}` });
  }
  return faults;
}

/** Written by an attempt after a newer one had begun to write. */
function findStale({ state }: History): Fault[] {
  const faults: Fault[] = [];
  const inOrder = (what: string, rows: { runId: number; seq: number; attempt: number }[]) => {
    for (const [unit, written] of groupBy(rows, idOf)) {
      let newest = 0;
      for (const { attempt } of written) {
        if (attempt < newest) faults.push({ class: "stale", what: `Attempt ${attempt} of unit ${unit} ${what} after attempt ${newest}` });
        newest = Math.max(newest, attempt);
      }
    }
  };
  inOrder("wrote an item", state.writes);
  inOrder("began a step", state.steps.map(({ runId, unitSeq, attempt }) => ({ runId, seq: unitSeq, attempt })));
  const newest = groupBy(state.writes, idOf);
  for (const unit of state.units) {
    const ahead = (newest.get(idOf(unit)) ?? []).find(({ attempt }) => attempt > unit.attempt);
    if (ahead) faults.push({ class: "stale", what: `Unit ${idOf(unit)} is at attempt ${unit.attempt}; attempt ${ahead.attempt} has written` });
  }
  return faults;
}
