import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCause } from "#lib/causes/rules";
import { buildDemo, DEMO_SEED, type DemoRun, FAULTS } from "#lib/demo/rules";
import { endStatus, FINAL_STATUSES, isFinal, lifts, NEXT_STATUSES, type RunStatus } from "#lib/runs/rules";

const NOW = Date.parse("2026-11-21T10:30:00Z");
const usual = { now: NOW, days: 30, runs: 2_500, seed: DEMO_SEED, utcOffsetMs: 3_600_000 };
const month = buildDemo(usual);
const count = (runs: DemoRun[], is: (run: DemoRun) => boolean) => runs.filter(is).length;

/** Everything that the database or the engine would refuse, in words; nothing when the run could have happened. */
function faultsOf(run: DemoRun, place: number, runs: DemoRun[], now: number): string[] {
  const { units, steps, calls, logs, events } = run;
  const work = units.filter(({ kind }) => kind === "work");
  const sum = (key: "itemsDone" | "itemsFailed") => work.reduce((total, unit) => total + unit[key], 0);
  const started = run.startedAt ?? run.completedAt;
  const within = (at: number) => at >= started && at <= run.completedAt;
  const life = events.filter(({ said, type }) => !said && type !== "run.cancel_requested").map(({ status }) => status);
  const statusOf = (name: RunStatus) => work.filter(({ status }) => status === name).length;
  const earlier = (index: number | null) => index === null || (index < place && runs[index] !== undefined);
  const seqs = new Set(steps.map(({ seq }) => seq));
  const checks: Record<string, boolean> = {
    "is final": isFinal(run.status),
    "times in order": run.createdAt <= started && started <= run.completedAt && run.completedAt <= now,
    "its end follows from its units": run.startedAt === null || run.status === endStatus({
      unitsCompleted: statusOf("completed"), unitsFailed: statusOf("failed"), unitsCancelled: statusOf("cancelled"),
      itemsProcessed: run.itemsProcessed, itemsFailed: run.itemsFailed, cancelRequested: run.cancelRequestedAt !== null, hold: run.hold,
    }),
    "counts add up": run.unitsTotal === work.length && run.unitsDone === statusOf("completed") && run.unitsFailed === statusOf("failed") && run.itemsProcessed === sum("itemsDone") && run.itemsFailed === sum("itemsFailed"),
    "no more items than there are": run.itemsTotal === null || run.itemsProcessed + run.itemsFailed <= run.itemsTotal,
    "all items of a completed run": run.status !== "completed" || run.itemsTotal === null || run.itemsProcessed === run.itemsTotal,
    "units are numbered from the planning one": units.every(({ seq, kind }, index) => seq === index && (kind === "plan") === (index === 0)),
    "units end within the run": units.every((unit) => within(unit.completedAt) && (unit.startedAt === null ? unit.status === "cancelled" : within(unit.startedAt) && unit.startedAt <= unit.completedAt)),
    "steps are numbered as they began": steps.every((step, index) => step.seq === index + 1 && step.startedAt >= (steps[index - 1]?.startedAt ?? 0)),
    "steps lie within their unit": steps.every(({ unitSeq, startedAt, completedAt }) => startedAt >= (units[unitSeq]?.startedAt ?? Infinity) && completedAt <= (units[unitSeq]?.completedAt ?? 0) && startedAt <= completedAt),
    "step keys are unique in a unit": new Set(steps.map(({ unitSeq, key }) => `${unitSeq} ${key}`)).size === steps.length,
    "parents come first": steps.every(({ parentSeq, seq }) => parentSeq === null || parentSeq < seq),
    "steps that failed say why": steps.every(({ status, error }) => (status === "error") === (error !== null)),
    "calls belong to steps": calls.every(({ stepSeq, at }) => seqs.has(stepSeq) && within(at)),
    "lines lie within the run": logs.every(({ at }) => within(at)),
    "events in order": events.every(({ at }, index) => at >= (events[index - 1]?.at ?? run.createdAt) && at <= now),
    "its life is a life": life[0] === "pending" && life.every((status, index) => index === 0 || NEXT_STATUSES[life[index - 1] ?? "pending"].includes(status)) && life.at(-1) === run.status,
    "a failed run says why": run.status !== "failed" || (run.errorMessage !== null && run.errorClass !== null),
    "a skipped or cancelled run says why": !["skipped", "cancelled"].includes(run.status) || run.reason !== null || run.blockedBy !== null,
    "others it speaks of are there": earlier(run.retryOf) && earlier(run.blockedBy) && run.waitsFor.every(earlier) && (run.group === null || run.group <= place),
    "what it waited for ended before it": run.waitsFor.every((index) => (runs[index]?.completedAt ?? Infinity) <= started),
    "it was kept from starting by what does not lift": (run.blockedBy === null) === run.waitsFor.every((index) => { const up = runs[index]; return up !== undefined && lifts(up.status, up.startedAt === null); }),
    "only what failed is tried again": run.retryOf === null || (runs[run.retryOf]?.status === "failed" && runs[run.retryOf]?.stage === run.stage),
    "made after the one before": run.createdAt >= (runs[place - 1]?.createdAt ?? 0),
    "names fit their columns": steps.every(({ name }) => name.length <= 100) && run.subjects.every(([key, value]) => key.length <= 50 && value.length <= 200),
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [`${place} ${run.pipeline}/${run.stage} ${run.status}: ${name}`]));
}

const allFaults = (runs: DemoRun[], now: number) => runs.flatMap((run, place) => faultsOf(run, place, runs, now));

/** Two runs of the same key that were both not final at a time, which the engine never lets happen. */
function overlaps(runs: DemoRun[]): string[] {
  const until = new Map<string, number>();
  return runs.flatMap((run, place) => {
    if (run.exclusiveKey === null) return [];
    const clash = run.createdAt < (until.get(run.exclusiveKey) ?? 0);
    until.set(run.exclusiveKey, run.completedAt);
    return clash ? [`${place} ${run.exclusiveKey}`] : [];
  });
}

describe("buildDemo", () => {
  it("makes runs that could all have happened, whatever the seed, the time and the size", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 400 * 24 }), fc.integer({ min: 7, max: 35 }), fc.integer({ min: 500, max: 4_000 }), fc.integer({ min: -11, max: 14 }), (seed, hours, days, runs, offset) => {
        const now = NOW + hours * 3_600_000;
        const made = buildDemo({ now, days, runs, seed, utcOffsetMs: offset * 3_600_000 });
        expect(allFaults(made, now)).toEqual([]);
        expect(overlaps(made)).toEqual([]);
        expect([...new Set(made.map(({ status }) => status))].toSorted()).toEqual([...FINAL_STATUSES].toSorted());
      }),
      { numRuns: 25 },
    );
  });

  it.each([[7, 580], [14, 1_100], [30, 2_500], [60, 5_000]])("over %i days comes to about as many as asked for: %i", (days, runs) => {
    for (const seed of [1, 2, 3]) expect(Math.abs(buildDemo({ ...usual, seed, days, runs }).length / runs - 1)).toBeLessThan(0.1);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(JSON.stringify(buildDemo(usual))).toBe(JSON.stringify(month));
    expect(JSON.stringify(buildDemo({ ...usual, seed: 1 }))).not.toBe(JSON.stringify(month));
  });

  it("has the incident: one error, many runs, within two hours three working days ago, and retries that went well", () => {
    const hit = month.flatMap((run, index) => (run.errorMessage?.includes("timed out") ? [{ run, index }] : []));
    expect(hit.length).toBeGreaterThan(20);
    const times = hit.map(({ run }) => run.createdAt);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(2 * 3_600_000);
    const healed = month.filter(({ retryOf, status }) => retryOf !== null && hit.some(({ index }) => index === retryOf) && status !== "failed");
    expect(healed.length).toBeGreaterThan(5);
  });

  it("lets classify grow slower over the month", () => {
    const perCall = (runs: DemoRun[]) => {
      const all = runs.filter(({ stage }) => stage === "classify").flatMap(({ calls }) => calls).filter(({ status }) => status === "ok").map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
      return all[Math.floor(all.length / 2)] ?? 0;
    };
    const middle = NOW - 15 * 86_400_000;
    expect(perCall(month.filter(({ createdAt }) => createdAt > middle))).toBeGreaterThan(1.25 * perCall(month.filter(({ createdAt }) => createdAt < middle)));
  });

  it("has what pages want to show: decisions, long traces, nested steps, nights that broke off, people's words", () => {
    for (const outcome of ["BUY", "SELL", "HOLD"]) expect(count(month, (run) => run.outcome === outcome)).toBeGreaterThan(50);
    expect(count(month, ({ steps }) => steps.length >= 60)).toBeGreaterThan(10);
    expect(count(month, ({ steps }) => steps.some(({ parentSeq }) => parentSeq !== null))).toBeGreaterThan(10);
    expect(count(month, ({ blockedBy }) => blockedBy !== null)).toBeGreaterThan(5);
    expect(count(month, ({ annotations }) => "note" in annotations)).toBeGreaterThan(5);
    for (const trigger of ["web", "cli", "schedule", "api", "ingest"]) expect(count(month, ({ triggeredBy }) => triggeredBy === trigger)).toBeGreaterThan(10);
  });

  it.each([
    ["timeout", "The AI provider did not answer in time"],
    ["rateLimit", "The AI provider limits the rate"],
    ["contextLength", "The prompt is too long for the model"],
    ["badAnswer", "The AI provider's answer was not usable"],
    ["overloaded", "The AI provider has a fault of its own"],
    ["unreachable", "The AI provider could not be reached"],
    ["outOfMemory", "Out of memory"],
    ["deadlock", "The database was locked"],
    ["database", "The database could not be reached"],
  ] as const)("fails with errors whose cause is known: %s", (name, title) => {
    expect(findCause(FAULTS[name])?.title).toBe(title);
    expect(month.some(({ errorMessage }) => errorMessage?.includes(FAULTS[name].message))).toBe(true);
  });
});
