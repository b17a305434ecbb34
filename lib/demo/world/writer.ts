/** Lays the work of a run out in time: units beside each other, steps after each other, and an end that follows from them. */
import type { Draw } from "#lib/draw";
import { fillTemplate, type PromptTemplate } from "#lib/engine/define";
import { endStatus } from "#lib/runs/rules";
import { around, type DemoCall, type DemoRun, type DemoStep, type DemoUnit, type Fault, type Json, type Order, toRun } from "./run.ts";

/** Units that a worker runs at a time: the default of WORKER_CONCURRENCY. */
const LANES = 4;
/** As the engine numbers the wave of a settling unit: after every other. */
const SETTLE_WAVE = 1_000_000_000;
/** From the trigger to the first unit, and from one unit to the next, in milliseconds. */
const PICK_UP_MS = 6;

type Counted = { at: number; done: number; failed: number };
export type Question = { provider: string; model: string; subject: string; template: PromptTemplate; /** What fills the holes of the template. */ given: Record<string, string | number> };
export type Answer = { value: Json; inputTokens: number; outputTokens: number };

/** One unit while it is being written. `now` is how far it has got. */
export class UnitWriter {
  now: number;
  readonly unit: DemoUnit;
  readonly counted: Counted[] = [];
  readonly #run: RunWriter;
  readonly #uses = new Map<string, number>();

  constructor(run: RunWriter, unit: DemoUnit, startedAt: number) {
    this.#run = run;
    this.unit = unit;
    this.now = startedAt;
  }

  /** A step of `ms` milliseconds; with a fault it ended as an error. `nested` steps share its time; `inside` is told of it. */
  step(name: string, ms: number, told: { input?: Json; output?: Json; fault?: Fault | null; nested?: { name: string; input?: Json; output: Json }[]; inside?: (step: DemoStep) => void } = {}): void {
    const nth = (this.#uses.get(name) ?? 0) + 1;
    this.#uses.set(name, nth);
    const step: DemoStep = {
      seq: 0, unitSeq: this.unit.seq, parentSeq: null, name: name.slice(0, 100), key: `${name}#${nth}`,
      status: told.fault ? "error" : "ok", input: told.input ?? null, output: told.fault ? null : (told.output ?? null),
      errorClass: told.fault?.errorClass ?? null, error: told.fault?.message ?? null, startedAt: this.now, completedAt: this.now + ms,
    };
    this.#run.steps.push(step);
    told.inside?.(step);
    const { nested = [] } = told;
    nested.forEach((part, index) => {
      this.now = step.startedAt + Math.floor((ms * (index + 0.1)) / nested.length);
      this.step(part.name, Math.max(1, Math.floor((ms * 0.8) / nested.length)), { input: part.input, output: part.output, inside: (child) => this.#run.nest(child, step) });
    });
    this.now = step.completedAt;
  }

  /** A step that was left out. */
  skip(name: string, reason: string): void {
    this.#run.steps.push({
      seq: 0, unitSeq: this.unit.seq, parentSeq: null, name, key: `${name}#1`, status: "skip", input: null, output: { reason },
      errorClass: null, error: null, startedAt: this.now, completedAt: this.now,
    });
  }

  /** A step that asks a model, and the call in it. */
  ask(name: string, ms: number, question: Question, answer: Answer, told: { input?: Json; output?: Json; fault?: Fault | null } = {}): void {
    const { template, given, ...asked } = question;
    const fault = told.fault ?? null;
    this.step(name, ms + 4, {
      output: answer.value,
      ...told,
      inside: (step) => {
        this.#run.calls.push({
          step,
          call: {
            ...asked, role: template.role, template: template.name, templateVersion: template.version, prompt: fillTemplate(template, given), stepSeq: 0, systemPrompt: template.system, status: fault ? "error" : "ok", response: fault ? null : answer.value, error: fault?.message ?? null,
            inputTokens: fault ? null : answer.inputTokens, outputTokens: fault ? null : answer.outputTokens,
            durationMs: ms, at: step.startedAt + ms,
          },
        });
      },
    });
  }

  /** The run is about this, among other things. */
  about(key: string, value: string): void {
    const { subjects } = this.#run.run;
    if (!subjects.some((known) => known[0] === key && known[1] === value)) subjects.push([key, value]);
  }

  done(n = 1): void {
    this.counted.push({ at: this.now, done: n, failed: 0 });
  }

  /** An item that failed; the unit goes on. */
  failed(item: string, { errorClass, message }: Fault): void {
    this.counted.push({ at: this.now, done: 0, failed: 1 });
    const error = `${item}: ${message}`;
    this.log(error, "error");
    if (this.unit.error === null) Object.assign(this.unit, { errorClass, error });
  }

  log(line: string, level: "info" | "warn" | "error" = "info"): void {
    this.#run.logs.push({ unitSeq: this.unit.seq, level, line, at: this.now });
  }

  /** The unit's end; a fault fails the whole of it, and so do failed items without one that was done. */
  end({ output = null, fault = null }: { output?: Json; fault?: Fault | null } = {}): void {
    const { unit, counted } = this;
    unit.completedAt = this.now + 1;
    unit.itemsDone = counted.reduce((sum, { done }) => sum + done, 0);
    unit.itemsFailed = counted.reduce((sum, { failed }) => sum + failed, 0);
    if (fault) Object.assign(unit, { errorClass: fault.errorClass, error: fault.message });
    unit.status = fault || (unit.itemsFailed > 0 && unit.itemsDone === 0) ? "failed" : "completed";
    unit.output = unit.status === "completed" ? output : null;
    this.#run.free(unit.completedAt);
  }
}

/** A run while it is being written: `plan`, then `unit` for each, then `finish`. */
export class RunWriter {
  readonly steps: DemoStep[] = [];
  readonly calls: { step: DemoStep; call: DemoCall }[] = [];
  readonly logs: DemoRun["logs"] = [];
  readonly draw: Draw;
  readonly run: DemoRun;
  readonly worker: string;
  readonly #units: UnitWriter[] = [];
  readonly #parents = new Map<DemoStep, DemoStep>();
  readonly #startedAt: number;
  #lanes: number[] = [];
  #wave = 0;

  constructor(draw: Draw, order: Order) {
    this.draw = draw;
    this.run = toRun(order);
    this.worker = `worker ${draw.chance(0.7) ? 1 : 2}`;
    this.#startedAt = (order.startAt ?? order.createdAt) + around(draw, PICK_UP_MS, 0.6);
  }

  /** Whether anything but planning was done. */
  get hasWork(): boolean {
    return this.#units.length > 1;
  }

  /** The planning unit, which took `ms` milliseconds and found `items`. */
  plan(ms: number, told: { items: number | null; output: Json }): void {
    const unit = this.#open("plan", "plan", {}, { startedAt: this.#startedAt, itemsTotal: null });
    unit.now += ms;
    unit.end({ output: told.output });
    this.run.itemsTotal = told.items;
    this.#lanes = [unit.now + PICK_UP_MS];
    this.wave();
  }

  /** Begins a wave: its units wait for all before. */
  wave(): void {
    const from = Math.max(...this.#lanes);
    this.#wave += 1;
    this.#lanes = Array.from({ length: LANES }, (_, lane) => from + lane);
  }

  /** A work unit, on the lane that is free first. */
  unit(name: string, input: Json, itemsTotal: number | null): UnitWriter {
    const lane = this.#lanes.indexOf(Math.min(...this.#lanes));
    const [startedAt = this.#startedAt] = this.#lanes.splice(lane, 1);
    return this.#open("work", name, input, { startedAt, itemsTotal });
  }

  /** The settling unit, after everything. */
  settle(): UnitWriter {
    this.wave();
    this.#wave = SETTLE_WAVE;
    return this.#open("settle", "settle", {}, { startedAt: this.#lanes.splice(0, 1)[0] ?? this.#startedAt, itemsTotal: null });
  }

  nest(child: DemoStep, parent: DemoStep): void {
    this.#parents.set(child, parent);
  }

  free(at: number): void {
    this.#lanes.push(at + around(this.draw, PICK_UP_MS, 0.5));
  }

  #open(kind: DemoUnit["kind"], name: string, input: Json, { startedAt, itemsTotal }: { startedAt: number; itemsTotal: number | null }): UnitWriter {
    const unit: DemoUnit = {
      seq: this.#units.length, kind, wave: this.#wave, name, status: "running", attempt: 1, input, output: null,
      itemsDone: 0, itemsFailed: 0, itemsTotal, errorClass: null, error: null, startedAt, completedAt: startedAt,
    };
    const writer = new UnitWriter(this, unit, startedAt);
    this.#units.push(writer);
    return writer;
  }

  /**
   * The run, ended: its status follows from its units as the engine's does.
   *
   * @param end.cancelledBy it was stopped at the share `at` (0–1) of what it would have taken
   */
  finish(end: { outcome?: string; hold?: boolean; skipReason?: string; cancelledBy?: { name: string; at: number } } = {}): DemoRun {
    const whole = Math.max(...this.#units.map(({ unit }) => unit.completedAt));
    const { cancelledBy } = end;
    if (cancelledBy) this.#cut(Math.round(this.#startedAt + (whole - this.#startedAt) * cancelledBy.at), cancelledBy.name);
    // Nobody settles what was cancelled before.
    const units = this.#units.map(({ unit }) => unit).filter(({ kind, startedAt }) => kind !== "settle" || startedAt !== null);
    const work = units.filter(({ kind }) => kind === "work");
    const count = (status: DemoUnit["status"]) => work.filter((unit) => unit.status === status).length;
    const sum = (key: "itemsDone" | "itemsFailed") => work.reduce((total, unit) => total + unit[key], 0);
    const run = this.run;
    run.units = units;
    run.unitsTotal = work.length;
    run.unitsDone = count("completed");
    run.unitsFailed = count("failed");
    run.itemsProcessed = sum("itemsDone");
    run.itemsFailed = sum("itemsFailed");
    run.hold = end.hold ?? false;
    run.outcome = end.outcome ?? null;
    run.wave = Math.max(...units.map(({ wave, startedAt }) => (startedAt === null ? 0 : wave)));
    run.startedAt = this.#startedAt;
    run.completedAt = Math.max(...units.map(({ completedAt }) => completedAt)) + 2;
    run.status = endStatus({
      unitsCompleted: run.unitsDone, unitsFailed: run.unitsFailed, unitsCancelled: count("cancelled"),
      itemsProcessed: run.itemsProcessed, itemsFailed: run.itemsFailed, cancelRequested: cancelledBy !== undefined, hold: run.hold,
    });
    if (run.status === "cancelled") run.reason = "Cancelled on request";
    else this.#explain(work);
    if (run.status === "skipped") run.reason = end.skipReason ?? "Nothing to do: nothing new was waiting";
    this.#number();
    run.events.push({ type: "run.running", actor: this.worker, status: "running", at: run.startedAt }, { type: `run.${run.status}`, actor: this.worker, status: run.status, at: run.completedAt });
    run.events.sort((a, b) => a.at - b.at);
    return run;
  }

  /** The run's error is that of the first unit that failed, else of the first that had failed items. */
  #explain(work: DemoUnit[]): void {
    const { run } = this;
    const first = work.find(({ status }) => status === "failed") ?? work.find(({ error }) => error !== null);
    if (!first?.error) return;
    run.errorClass = first.errorClass;
    const units = run.unitsFailed + run.unitsDone;
    if (run.itemsFailed > 0) run.errorMessage = `${run.itemsFailed} of ${run.itemsFailed + run.itemsProcessed} items failed, the first with: ${first.error}`;
    else run.errorMessage = units > 1 ? `${run.unitsFailed} of ${units} units failed, the first with: ${first.error}` : first.error;
  }

  /** Stops everything at `at`: what had ended stays, what ran is cancelled, what waited never begins. */
  #cut(at: number, name: string): void {
    const { run } = this;
    run.cancelRequestedAt = Math.max(this.#startedAt, at - 40);
    run.events.push({ type: "run.cancel_requested", actor: name, status: "running", at: run.cancelRequestedAt });
    for (const { unit, counted } of this.#units) {
      if (unit.startedAt === null || unit.completedAt <= at) continue;
      const begun = unit.startedAt < at;
      const until = counted.filter((one) => one.at <= at);
      Object.assign(unit, {
        status: "cancelled", output: null, completedAt: at, startedAt: begun ? unit.startedAt : null, attempt: begun ? 1 : 0,
        errorClass: null, error: begun ? "Cancelled on request" : "Cancelled before it began",
        itemsDone: until.reduce((sum, { done }) => sum + done, 0), itemsFailed: until.reduce((sum, { failed }) => sum + failed, 0),
      });
    }
    const kept = this.steps.filter(({ startedAt }) => startedAt < at);
    for (const step of kept) {
      if (step.completedAt > at) Object.assign(step, { status: "error", output: null, errorClass: "AbortError", error: "Cancelled on request", completedAt: at });
    }
    this.steps.splice(0, Number.POSITIVE_INFINITY, ...kept);
    this.calls.splice(0, Number.POSITIVE_INFINITY, ...this.calls.filter(({ call }) => call.at <= at));
    this.logs.splice(0, Number.POSITIVE_INFINITY, ...this.logs.filter((line) => line.at <= at));
  }

  /** Steps are numbered as they began, whichever unit they belong to. */
  #number(): void {
    this.steps.sort((a, b) => a.startedAt - b.startedAt || a.unitSeq - b.unitSeq);
    this.steps.forEach((step, index) => {
      step.seq = index + 1;
    });
    for (const [child, parent] of this.#parents) child.parentSeq = parent.seq;
    this.run.steps = this.steps;
    this.run.calls = this.calls.map(({ step, call }) => ({ ...call, stepSeq: step.seq }));
    this.run.logs = this.logs.toSorted((a, b) => a.at - b.at);
  }
}
