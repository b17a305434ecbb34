/** What the life of runs is meant to be, in as few words as it takes: pure, and beside the engine's own code on purpose. */

export type Ending = "ok" | "mixed" | "fail";
export type ModelUnit = { seq: number; kind: "plan" | "work" | "settle"; wave: number; status: "pending" | "running" | "completed" | "failed" | "cancelled"; attempt: number; crashes: number; done: number; failed: number };
export type ModelRun = {
  stage: string; key: string | null; /** It stands in line behind the run that has its key. */ inLine: boolean; status: string; cancelRequested: boolean; wave: number;
  /** Units of each wave that planning makes, unless those of `copies` are taken over. */
  plan: number[];
  copies: { wave: number }[] | null;
  settles: boolean; began: boolean; group: number | null; waitsFor: number[]; units: ModelUnit[];
};
export type Model = { runs: ModelRun[]; /** Stages of which nothing new starts. */ paused: Set<string> };

const OPEN = ["pending", "running"];
export const isOpen = (run: ModelRun) => OPEN.includes(run.status);
/** A third death without progress between is the last. */
const MAX_CRASHES = 3;

const newUnit = (seq: number, kind: ModelUnit["kind"], wave: number): ModelUnit => ({ seq, kind, wave, status: "pending", attempt: 0, crashes: 0, done: 0, failed: 0 });
const newRun = (stage: string, more: Partial<ModelRun>): ModelRun => ({ stage, key: null, inLine: false, status: "pending", cancelRequested: false, wave: 0, plan: [], copies: null, settles: false, began: false, group: null, waitsFor: [], units: [], ...more });

/** The run that has this key. */
export const holderOf = (model: Model, key: string | null) => model.runs.findIndex((run) => key !== null && run.key === key && isOpen(run) && !run.inLine);
/** Whether a run of this key is refused, unless it joins or stands in line. */
export const isBusy = (model: Model, key: string | null) => holderOf(model, key) >= 0;

export function trigger(model: Model, key: string | null, plan: number[], settles: boolean): void {
  const inLine = isBusy(model, key);
  model.runs.push(newRun(settles ? "settling" : "a", { key, plan, settles, inLine, units: inLine ? [] : [newUnit(0, "plan", 0)] }));
}

/** Three runs, each of which needs the one before it. */
export function triggerGroup(model: Model, plan: number[]): void {
  const first = model.runs.length;
  for (const [index, stage] of ["a", "b", "c"].entries()) {
    model.runs.push(newRun(stage, { plan, group: first, waitsFor: index === 0 ? [] : [first + index - 1], units: index === 0 ? [newUnit(0, "plan", 0)] : [] }));
  }
}

export const notSucceeded = (run: ModelRun) => run.units.filter((unit) => unit.kind === "work" && (["failed", "cancelled"].includes(unit.status) || unit.failed > 0));

export function retry(model: Model, of: number, onlyFailed: boolean): void {
  const old = model.runs[of]!;
  const { stage, key, plan, settles } = old;
  model.runs.push(newRun(stage, { key, plan, settles, units: [newUnit(0, "plan", 0)], copies: onlyFailed ? notSucceeded(old).map(({ wave }) => ({ wave })) : null }));
}

/** Whether a worker that is given this unit may take it, once its stage is not paused. */
export const isDue = (run: ModelRun, unit: ModelUnit): boolean =>
  unit.status === "pending" && isOpen(run) && !run.cancelRequested && (unit.kind !== "work" || (unit.wave === run.wave && run.units[0]?.status === "completed"));

export function claim(run: ModelRun, unit: ModelUnit): void {
  unit.status = "running";
  unit.attempt += 1;
  unit.failed = 0;
  if (unit.kind === "plan" && run.status === "pending") run.status = "running";
  if (unit.kind === "plan") run.began = true;
}

/** One item is written and counted. */
export function progress(unit: ModelUnit): void {
  unit.done += 1;
  unit.crashes = 0;
}

/** Planning has written its units; an attempt after it writes them anew. */
export function planned(run: ModelRun): void {
  const waves = run.copies ?? run.plan.filter((units) => units > 0).flatMap((units, index) => Array.from({ length: units }, () => ({ wave: index + 1 })));
  run.units = [run.units[0]!, ...waves.map(({ wave }, index) => newUnit(index + 1, "work", wave))];
}

export function end(model: Model, run: ModelRun, unit: ModelUnit, how: Ending | "cancelled"): void {
  unit.status = how === "cancelled" ? "cancelled" : how === "fail" || (how === "mixed" && unit.done === 0) ? "failed" : "completed";
  if (how === "mixed") unit.failed = 1;
  if (unit.kind === "plan" && unit.status !== "completed") run.units = [unit];
  if (unit.kind !== "work" && unit.status === "failed" && !run.cancelRequested) endRun(model, run, "failed");
  else advance(model, run);
}

function advance(model: Model, run: ModelRun): void {
  if (!isOpen(run)) return;
  const is = (...statuses: string[]) => run.units.filter((unit) => statuses.includes(unit.status));
  if (run.cancelRequested) {
    if (is("running").length > 0) return;
    for (const unit of is("pending")) unit.status = "cancelled";
    endRun(model, run, "cancelled");
    return;
  }
  if (is("running").length > 0 || is("pending").some(({ wave }) => wave === run.wave)) return;
  const next = is("pending").map(({ wave }) => wave);
  const work = run.units.filter(({ kind }) => kind === "work");
  if (next.length > 0) run.wave = Math.min(...next);
  else if (run.settles && work.length > 0 && !run.units.some(({ kind }) => kind === "settle")) run.units.push(newUnit(run.units.length, "settle", Number.POSITIVE_INFINITY));
  else {
    const bad = work.filter(({ status, failed }) => status === "failed" || failed > 0);
    // What the settling unit has counted are items of the run too.
    const someGood = run.units.some(({ done }) => done > 0) || (work.some(({ status }) => status === "completed") && work.every(({ failed }) => failed === 0));
    endRun(model, run, work.length === 0 ? "skipped" : bad.length === 0 ? "completed" : someGood ? "partial" : "failed");
  }
}

function endRun(model: Model, run: ModelRun, status: string): void {
  run.status = status;
  const self = model.runs.indexOf(run);
  for (const other of model.runs.filter((candidate) => candidate.group !== null && candidate.group === run.group && candidate.status === "pending" && candidate.waitsFor.includes(self))) {
    const upstream = other.waitsFor.map((index) => model.runs[index]!);
    const lifts = (up: ModelRun) => ["completed", "partial", "hold"].includes(up.status) || (up.status === "skipped" && up.began);
    if (upstream.some((up) => !isOpen(up) && !lifts(up))) endRun(model, other, "skipped");
    else if (upstream.every((up) => !isOpen(up))) other.units = [newUnit(0, "plan", 0)];
  }
  const next = run.inLine ? undefined : model.runs.find((other) => other.inLine && other.key === run.key && other.status === "pending");
  if (!next) return;
  next.inLine = false;
  next.units = [newUnit(0, "plan", 0)];
}

export const markCancelled = (run: ModelRun): void => { run.cancelRequested = true; };

export function carryOutCancel(model: Model, run: ModelRun): void {
  for (const unit of run.units) if (unit.status === "pending") unit.status = "cancelled";
  advance(model, run);
}

/** The worker of this unit has died, and a sweeper has seen it. */
export function die(model: Model, run: ModelRun, unit: ModelUnit): void {
  if (unit.crashes + 1 >= MAX_CRASHES) end(model, run, unit, "fail");
  else {
    unit.status = "pending";
    unit.crashes += 1;
  }
}

/** A sweeper carries out what was asked for and not done. */
export function sweepCancels(model: Model, isOverdue: boolean): void {
  for (const run of model.runs.filter((candidate) => isOpen(candidate) && candidate.cancelRequested)) {
    if (isOverdue) for (const unit of run.units.filter(({ status }) => status === "running")) end(model, run, unit, "cancelled");
    if (isOpen(run)) carryOutCancel(model, run);
  }
}
