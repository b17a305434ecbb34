/** What may be done to the engine, for fast-check: each does it to the model and to the real one, and compares. */
import fc from "fast-check";
import { expect } from "vitest";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { cancelRun } from "#lib/engine/cancel";
import { pause, resume } from "#lib/engine/control";
import type { OnBusy } from "#lib/engine/define";
import { retryRun } from "#lib/engine/retry";
import { triggerAll, triggerRun } from "#lib/engine/trigger";
import { AppError } from "#lib/errors";
import { armFailpoints, type Failpoint, FailpointError } from "#lib/failpoint";
import { type Ending, type Model, type ModelRun, type ModelUnit, carryOutCancel, claim, die, end, holderOf, isBusy, isDue, isOpen, markCancelled, notSucceeded, planned, progress, retry, sweepCancels, trigger, triggerGroup } from "./model.ts";
import type { Held, Stepper } from "./stepper.ts";

export type Real = {
  ctx: Ctx;
  stepper: Stepper;
  /** The id of each run of the model. */
  ids: number[];
  /** Units in a worker's hands, by `run/seq` of the model. */
  held: Map<string, Held>;
  /** Attempts whose worker was taken for dead and that go on all the same. */
  zombies: Held[];
};
type Command = fc.AsyncCommand<Model, Real>;

const Units = z.array(z.object({ run_id: z.coerce.number(), seq: z.number(), kind: z.string(), status: z.string(), attempt: z.number(), crashes: z.number(), items_done: z.number(), items_failed: z.number() }));

/** Every run and unit is as the model has it, and whatever is due has its job. */
async function compare(model: Model, { ctx, ids }: Real): Promise<void> {
  const [runs, units, jobs] = await Promise.all([
    ctx.db.$queryRaw<{ id: bigint; status: string; in_line: boolean }[]>`select id, status::text, in_line and status = 'pending' as in_line from runs where id = any(${ids}::bigint[]) order by id`,
    ctx.db.$queryRaw`select run_id, seq, kind::text, status::text, attempt, crashes, items_done, items_failed from run_units where run_id = any(${ids}::bigint[]) order by run_id, seq`.then((rows) => Units.parse(rows)),
    ctx.db.$queryRaw<{ run: string; seq: string }[]>`select payload->>'runId' as run, payload->>'seq' as seq from graphile_worker._private_jobs`,
  ]);
  expect(runs.map(({ status, in_line }) => [status, in_line])).toEqual(model.runs.map(({ status, inLine }) => [status, inLine && status === "pending"]));
  expect(units.map((unit) => [ids.indexOf(unit.run_id), unit.seq, unit.kind, unit.status, unit.attempt, unit.crashes, unit.items_done, unit.items_failed]))
    .toEqual(model.runs.flatMap((run, index) => run.units.map((unit) => [index, unit.seq, unit.kind, unit.status, unit.attempt, unit.crashes, unit.done, unit.failed])));
  const waiting = new Set(jobs.map(({ run, seq }) => `${ids.indexOf(Number(run))}/${seq}`));
  const due = model.runs.flatMap((run, index) => run.units.filter((unit) => isDue(run, unit) && !model.paused.has(run.stage)).map(({ seq }) => `${index}/${seq}`));
  expect(due.filter((unit) => !waiting.has(unit)), "units that are due and have no job").toEqual([]);
}

/** A command of one sentence; `pick` chooses among what is there, so that shrinking keeps it meaningful. */
const command = (name: string, can: (model: Readonly<Model>) => boolean, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: can,
  run: async (model, real) => {
    await run(model, real);
    await compare(model, real);
  },
  toString: () => name,
});
const nth = <T>(list: T[], pick: number): T => list[pick % list.length] as T;

type Place = { run: ModelRun; unit: ModelUnit; index: number; key: string };
const places = (model: Readonly<Model>, which: (run: ModelRun, unit: ModelUnit) => boolean): Place[] =>
  model.runs.flatMap((run, index) => run.units.filter((unit) => which(run, unit)).map((unit) => ({ run, unit, index, key: `${index}/${unit.seq}` })));
const due = (model: Readonly<Model>) => places(model, (run, unit) => isDue(run, unit) && !model.paused.has(run.stage));
const held = (model: Readonly<Model>) => places(model, (run, unit) => isDue(run, unit) && model.paused.has(run.stage));
const running = (model: Readonly<Model>) => places(model, (_, unit) => unit.status === "running");

/** A worker takes the job away with it; only what the engine makes again is there for the next. */
async function takeJob({ ctx, ids }: Real, { index, unit }: Place): Promise<void> {
  await ctx.db.$executeRaw`delete from graphile_worker._private_jobs where (payload->>'runId')::bigint = ${ids[index]}::bigint and (payload->>'seq')::int = ${unit.seq}::int`;
}

/** The held unit of a place, taken out of the worker's hands. */
function take(real: Real, { key }: Place): Held {
  const held = real.held.get(key);
  if (!held) throw new Error(`Nobody holds ${key}`);
  real.held.delete(key);
  return held;
}

const orderFor = (unit: ModelUnit, order: Ending): Ending => (order === "mixed" && unit.kind !== "work" ? "ok" : order);

const begin = (pick: number) => command(`begin(${pick})`, (model) => due(model).length > 0, async (model, real) => {
  const place = nth(due(model), pick);
  await takeJob(real, place);
  if (place.unit.kind === "plan" && place.run.copies !== null) {
    // What failed is taken over from the old run by one statement: there is none of the stage's code in which it could wait.
    expect(await real.stepper.begin(real.ids[place.index]!, place.unit.seq)).toBeNull();
    claim(place.run, place.unit);
    planned(place.run);
    return end(model, place.run, place.unit, "ok");
  }
  const held = await real.stepper.begin(real.ids[place.index]!, place.unit.seq);
  if (!held) throw new Error(`Unit ${place.key} is due and was not taken`);
  real.held.set(place.key, held);
  claim(place.run, place.unit);
  // What an attempt before it had planned is planned anew.
  if (place.unit.kind === "plan") place.run.units = [place.unit];
});

/** Its worker puts it aside and has done with its job: whoever resumes the stage must make it another. */
const beginPaused = (pick: number) => command(`beginPaused(${pick})`, (model) => held(model).length > 0, async (model, real) => {
  const place = nth(held(model), pick);
  await takeJob(real, place);
  expect(await real.stepper.begin(real.ids[place.index]!, place.unit.seq)).toBeNull();
});

const pauseStage = (stage: string) => command(`pause(${stage})`, () => true, async (model, real) => {
  expect((await pause(real.ctx, { pipeline: "script", stage })).ok).toBe(!model.paused.has(stage));
  model.paused.add(stage);
});

const resumeStage = (pick: number) => command(`resume(${pick})`, (model) => model.paused.size > 0, async (model, real) => {
  const stage = nth([...model.paused], pick);
  expect(await resume(real.ctx, { pipeline: "script", stage })).toEqual({ ok: true });
  model.paused.delete(stage);
});

const beginInVain = (pick: number) => command(`beginInVain(${pick})`, (model) => places(model, (run, unit) => !isDue(run, unit) && (unit.status !== "pending" || run.cancelRequested || !isOpen(run))).length > 0, async (model, real) => {
  const place = nth(places(model, (run, unit) => !isDue(run, unit) && (unit.status !== "pending" || run.cancelRequested || !isOpen(run))), pick);
  expect(await real.stepper.begin(real.ids[place.index]!, place.unit.seq)).toBeNull();
});

const beginAndDie = (pick: number, wanted: Failpoint) => command(`beginAndDie(${pick}, ${wanted})`, (model) => due(model).length > 0, async (model, real) => {
  const place = nth(due(model), pick);
  // A claim is one statement; only before a planning unit's is there a boundary.
  const at = place.unit.kind === "plan" ? wanted : "claim.committed";
  if (at === "claim.committed") {
    await takeJob(real, place);
    claim(place.run, place.unit);
    die(model, place.run, place.unit);
  }
  expect(await real.stepper.begin(real.ids[place.index]!, place.unit.seq, at)).toBeNull();
  sweepCancels(model, false);
});

const work = (pick: number) => command(`progress(${pick})`, (model) => running(model).some(({ unit }) => unit.kind !== "plan"), async (model, real) => {
  const place = nth(running(model).filter(({ unit }) => unit.kind !== "plan"), pick);
  await real.stepper.progress(real.held.get(place.key)!);
  progress(place.unit);
});

const finish = (pick: number, given: Ending) => command(`finish(${pick}, ${given})`, (model) => running(model).length > 0, async (model, real) => {
  const place = nth(running(model), pick);
  const order = orderFor(place.unit, given);
  expect(await real.stepper.finish(take(real, place), order)).toBe("ended");
  if (place.unit.kind === "plan" && order !== "fail") planned(place.run);
  end(model, place.run, place.unit, order);
});

/** Dies while it ends: before the commit nothing of the end is there, after it everything. */
const finishAndDie = (pick: number, given: Ending, at: Failpoint) => command(`finishAndDie(${pick}, ${given}, ${at})`, (model) => running(model).length > 0, async (model, real) => {
  const place = nth(running(model), pick);
  const order = orderFor(place.unit, given);
  const held = take(real, place);
  expect(await real.stepper.finish(held, order, at)).toBeInstanceOf(FailpointError);
  if (place.unit.kind === "plan" && order !== "fail" && at === "endUnit.committed") planned(place.run);
  // Counted when it was reported; the next attempt counts anew.
  if (order === "mixed") place.unit.failed = 1;
  if (at === "endUnit.committed") end(model, place.run, place.unit, order);
  else die(model, place.run, place.unit);
  sweepCancels(model, false);
  await real.stepper.bury(held.workerId);
});

const crash = (pick: number) => command(`crash(${pick})`, (model) => running(model).length > 0, async (model, real) => {
  const place = nth(running(model), pick);
  const held = take(real, place);
  await real.stepper.bury(held.workerId);
  real.zombies.push(held);
  die(model, place.run, place.unit);
  sweepCancels(model, false);
});

/** It wakes, ends in good faith, and nothing of it is believed. */
const wake = (order: Ending) => command(`wake(${order})`, () => true, async (_, real) => {
  for (const held of real.zombies.splice(0)) expect(["superseded", "ended"]).toContain(await real.stepper.finish(held, order));
});

const abort = (pick: number) => command(`notice(${pick})`, (model) => running(model).some(({ run }) => run.cancelRequested), async (model, real) => {
  const place = nth(running(model).filter(({ run }) => run.cancelRequested), pick);
  expect(await real.stepper.abort(take(real, place), "cancelled")).toBe("ended");
  end(model, place.run, place.unit, "cancelled");
});

const handBack = (pick: number) => command(`handBack(${pick})`, (model) => running(model).length > 0, async (model, real) => {
  const place = nth(running(model), pick);
  expect(await real.stepper.abort(take(real, place), "stopping")).toBe("handed back");
  place.unit.status = "pending";
});

const start = (key: string | null, plan: number[], settles: boolean, onBusy: OnBusy) => command(`trigger(${key}, [${plan}]${settles ? ", settles" : ""}, ${onBusy})`, () => true, async (model, real) => {
  const answer = await triggerRun(real.ctx, { pipeline: "script", stage: settles ? "settling" : "a", params: { plan, key }, onBusy }).catch((error: unknown) => error);
  const holder = holderOf(model, key);
  if (holder >= 0 && onBusy === "reject") return void expect(answer).toMatchObject({ code: "CONFLICT" });
  if (holder >= 0 && onBusy === "join") return void expect(answer).toMatchObject({ runId: real.ids[holder], created: false, joined: true });
  expect(answer).toMatchObject({ created: true, inLine: holder >= 0 });
  if (answer instanceof Error) throw answer;
  real.ids.push((answer as { runId: number }).runId);
  trigger(model, key, plan, settles);
});

const startAll = (plan: number[]) => command(`triggerAll([${plan}])`, () => true, async (model, real) => {
  real.ids.push(...(await triggerAll(real.ctx, { pipeline: "script", params: { plan } })).runIds);
  triggerGroup(model, plan);
});

const cancel = (pick: number, isHalf: boolean) => command(`cancel(${pick}${isHalf ? ", and dies in the middle" : ""})`, (model) => model.runs.length > 0, async (model, real) => {
  const index = pick % model.runs.length;
  const run = model.runs[index]!;
  const wasOpen = isOpen(run);
  if (isHalf) armFailpoints(({ name }) => { if (name === "cancel.committed") throw new FailpointError(name); });
  const answer = await cancelRun(real.ctx, { runId: real.ids[index]! }).catch((error: unknown) => error).finally(() => armFailpoints(null));
  if (!wasOpen) return void expect(answer).toMatchObject({ ok: false, reason: "already_finished" });
  markCancelled(run);
  if (isHalf) return void expect(answer).toBeInstanceOf(FailpointError);
  carryOutCancel(model, run);
  expect(answer).toMatchObject({ ok: true, status: run.status });
});

const again = (pick: number, onlyFailed: boolean) => command(`retry(${pick}${onlyFailed ? ", only what failed" : ""})`, (model) => model.runs.length > 0, async (model, real) => {
  const index = pick % model.runs.length;
  const run = model.runs[index]!;
  const answer = await retryRun(real.ctx, { runId: real.ids[index]!, onlyFailed }).catch((error: unknown) => error);
  if (isOpen(run)) return void expect(answer).toMatchObject({ code: "CONFLICT" });
  if (onlyFailed && notSucceeded(run).length === 0) return void expect(answer).toMatchObject({ code: "MISMATCH" });
  if (isBusy(model, run.key)) return void expect(answer).toMatchObject({ code: "CONFLICT" });
  if (answer instanceof Error && !(answer instanceof AppError)) throw answer;
  real.ids.push((answer as { runId: number }).runId);
  retry(model, index, onlyFailed);
});

const sweeper = (isOverdue: boolean) => command(`sweep(${isOverdue ? "long after" : "soon after"})`, () => true, async (model, real) => {
  await real.stepper.sweepNow(isOverdue ? 60 : 5);
  if (isOverdue) for (const place of running(model).filter(({ run }) => run.cancelRequested)) real.zombies.push(take(real, place));
  sweepCancels(model, isOverdue);
});

const pick = fc.nat({ max: 30 });
const ending = fc.constantFrom<Ending>("ok", "ok", "ok", "mixed", "fail");
const plan = fc.array(fc.nat({ max: 2 }), { maxLength: 3 });
const often = <T>(arbitrary: fc.Arbitrary<T>, times: number) => Array.from({ length: times }, () => arbitrary);

export const commands: fc.Arbitrary<Command>[] = [
  ...often(fc.tuple(fc.option(fc.constantFrom("x", "y")), plan, fc.boolean(), fc.constantFrom<OnBusy>("reject", "join", "queue", "queue")).map(([key, units, settles, onBusy]) => start(key, units, settles, onBusy)), 3),
  plan.map(startAll),
  ...often(pick.map(begin), 6),
  ...often(fc.tuple(pick, ending).map(([which, order]) => finish(which, order)), 5),
  fc.tuple(pick, fc.constantFrom<Failpoint>("claim.updated", "claim.committed")).map(([which, at]) => beginAndDie(which, at)),
  fc.tuple(pick, ending, fc.constantFrom<Failpoint>("endUnit.counted", "endUnit.followed", "endUnit.committed")).map(([which, order, at]) => finishAndDie(which, order, at)),
  pick.map(beginInVain),
  pick.map(beginPaused),
  fc.constantFrom("a", "b", "settling").map(pauseStage),
  ...often(pick.map(resumeStage), 2),
  ...often(pick.map(work), 2),
  pick.map(crash),
  ending.map(wake),
  pick.map(abort),
  pick.map(handBack),
  fc.tuple(pick, fc.boolean()).map(([which, isHalf]) => cancel(which, isHalf)),
  fc.tuple(pick, fc.boolean()).map(([which, onlyFailed]) => again(which, onlyFailed)),
  fc.boolean().map(sweeper),
];
