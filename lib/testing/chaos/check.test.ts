/** The checker finds what it is there to find: one good history, and each way of spoiling it. */
import { expect, test } from "vitest";
import { checkHistory, FAULTS, type Fault, type History } from "./check.ts";
import { seeded } from "./random.ts";

/** Two runs, one of them retried by a second attempt after a crash; a cancelled one; everything as promised. */
function good(): History {
  const run = { groupId: null, itemsFailed: 0, unitsFailed: 0, retryOf: null, isScheduled: false };
  return {
    acts: [
      { act: "trigger", key: "a", runIds: [1], items: 2, units: 1 },
      { act: "trigger", key: "a", runIds: [1], items: 2, units: 1 },
      { act: "trigger", key: "never answered", runIds: null, items: 2, units: 1 },
      { act: "trigger", key: "b", runIds: [2], items: 2, units: 1 },
      { act: "seen", runId: 1, status: "pending" },
      { act: "seen", runId: 1, status: "running" },
      { act: "cancel", runId: 2, answer: "ok" },
      { act: "seen", runId: 1, status: "completed" },
      { act: "cancel", runId: 1, answer: "too late" },
    ],
    effects: [{ key: "1:1:effect#1", attempt: 1, receipt: 1 }, { key: "1:1:effect#1", attempt: 2, receipt: 2 }],
    state: {
      runs: [{ ...run, id: 1, key: "a", status: "completed", itemsProcessed: 2, unitsDone: 1 }, { ...run, id: 2, key: "b", status: "cancelled", itemsProcessed: 0, unitsDone: 0 }],
      units: [
        { runId: 1, seq: 0, kind: "plan", status: "completed", attempt: 1, itemsDone: 0 },
        { runId: 1, seq: 1, kind: "work", status: "completed", attempt: 2, itemsDone: 2 },
        { runId: 2, seq: 0, kind: "plan", status: "cancelled", attempt: 0, itemsDone: 0 },
      ],
      writes: [{ runId: 1, seq: 1, attempt: 1, key: "1/0" }, { runId: 1, seq: 1, attempt: 2, key: "1/1" }],
      steps: [
        { runId: 1, unitSeq: 1, attempt: 1, key: "effect#1", status: "error", ended: false, receipt: null },
        { runId: 1, unitSeq: 1, attempt: 2, key: "effect#1", status: "ok", ended: true, receipt: 2 },
      ],
      events: ["run.pending", "run.running", "run.completed"].map((type) => ({ runId: 1, type })).concat([{ runId: 2, type: "run.pending" }, { runId: 2, type: "run.cancel_requested" }, { runId: 2, type: "run.cancelled" }]),
      jobs: [],
    },
  };
}

type Spoil = [what: string, expected: Fault["class"], spoil: (history: History) => void];
const SPOILS: Spoil[] = [
  ["an acknowledged run is not there", "lost", ({ state }) => { state.runs.shift(); }],
  ["an item was not written", "lost", ({ state }) => { state.writes.pop(); }],
  ["an item was not counted", "lost", ({ state }) => { state.runs[0]!.itemsProcessed = 1; }],
  ["a unit was not done", "lost", ({ state }) => { state.runs[0]!.unitsDone = 0; }],
  ["a cancellation was acknowledged and forgotten", "lost", ({ state }) => { state.runs[1]!.status = "completed"; }],
  ["a run nobody asked for", "phantom", ({ state }) => { state.runs.push({ ...state.runs[0]!, id: 9, key: "z" }); }],
  ["an effect of no run", "phantom", ({ effects }) => { effects.push({ key: "7:1:effect#1", attempt: 1, receipt: 3 }); }],
  ["a recorded effect that never was", "phantom", ({ effects }) => { effects.pop(); }],
  ["two runs for a key", "duplicate", ({ state }) => { state.runs.push({ ...state.runs[0]!, id: 9 }); }],
  ["one key, two answers", "duplicate", ({ acts }) => { acts.push({ act: "trigger", key: "a", runIds: [2], items: 0, units: 0 }); }],
  ["an item written twice", "duplicate", ({ state }) => { state.writes.push({ ...state.writes[0]!, attempt: 2 }); }],
  ["a step recorded twice", "duplicate", ({ state }) => { state.steps[0]!.status = "ok"; }],
  ["an effect done again after it was recorded", "duplicate", ({ effects }) => { effects.push({ key: "1:1:effect#1", attempt: 3, receipt: 3 }); }],
  ["an item counted twice", "duplicate", ({ state }) => { state.runs[0]!.itemsProcessed = 3; }],
  ["an item counted twice in both places", "duplicate", ({ state }) => { state.runs[0]!.itemsProcessed = state.units[1]!.itemsDone = 3; }],
  ["a unit counted twice", "duplicate", ({ state }) => { state.runs[0]!.unitsDone = 2; }],
  ["a run that does not end", "stuck", ({ state }) => { state.runs[0]!.status = "running"; }],
  ["a unit that goes on in an ended run", "stuck", ({ state }) => { state.units[1]!.status = "running"; }],
  ["a unit that waits in an ended run", "stuck", ({ state }) => { state.units[2]!.status = "pending"; }],
  ["a job of an ended run", "stuck", ({ state }) => { state.jobs.push({ runId: 1, seq: 1 }); }],
  ["somebody saw it go back", "backwards", ({ acts }) => { acts.splice(6, 0, { act: "seen", runId: 1, status: "pending" }); }],
  ["an end after an end, seen", "backwards", ({ acts }) => { acts.push({ act: "seen", runId: 1, status: "failed" }); }],
  ["an end after an end, in its events", "backwards", ({ state }) => { state.events.splice(3, 0, { runId: 1, type: "run.completed" }); }],
  ["an end that its events do not tell", "backwards", ({ state }) => { state.events.splice(2, 1); }],
  ["an old attempt wrote an item", "stale", ({ state }) => { state.writes.reverse(); }],
  ["an old attempt began a step", "stale", ({ state }) => { state.steps.reverse(); }],
  ["an attempt wrote that the unit never had", "stale", ({ state }) => { state.writes[1]!.attempt = 3; }],
];

test("a history as promised has no fault", () => {
  expect(checkHistory(good())).toEqual([]);
});

test.each(SPOILS)("%s: %s", (_, expected, spoil) => {
  const history = good();
  spoil(history);
  expect(checkHistory(history).map((fault) => fault.class)).toContain(expected);
});

test("no class is without its bad history", () => {
  expect(new Set(SPOILS.map(([, expected]) => expected))).toEqual(new Set(FAULTS));
});

test("among good runs one bad one, spoiled at random, is found", () => {
  const random = seeded(7_331);
  for (let round = 0; round < 200; round += 1) {
    const history = good();
    const { state } = history;
    for (let id = 100; id < 120; id += 1) {
      history.acts.push({ act: "trigger", key: `k${id}`, runIds: [id], items: 1, units: 1 });
      state.runs.push({ ...state.runs[0]!, id, key: `k${id}`, itemsProcessed: 1 });
      state.units.push({ runId: id, seq: 1, kind: "work", status: "completed", attempt: 1, itemsDone: 1 });
      state.writes.push({ runId: id, seq: 1, attempt: 1, key: "1/0" });
      state.events.push(...["run.pending", "run.running", "run.completed"].map((type) => ({ runId: id, type })));
    }
    expect(checkHistory(history)).toEqual([]);
    const [what, expected, spoil] = random.pick(SPOILS);
    spoil(history);
    expect(checkHistory(history).map((fault) => fault.class), what).toContain(expected);
  }
});

test("a seed is its choices", () => {
  const choices = (seed: number) => {
    const random = seeded(seed);
    return Array.from({ length: 50 }, () => random.int(1, 6));
  };
  expect(choices(1)).toEqual(choices(1));
  expect(choices(1)).not.toEqual(choices(2));
  expect(new Set(choices(3))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});
