import { expect, it } from "vitest";
import { RUN_STATUSES } from "#lib/runs/rules";
import { ACTIVITY_TYPE_NAMES, ACTIVITY_TYPES } from "./fields.ts";
import { type Act, kindOf, sayActivity } from "./rules.ts";

const run: Act["run"] = { stage: "content", triggeredBy: "web", retryOf: null };
const act = (type: Act["type"], data: Act["data"] = {}, more: Partial<Act> = {}): Act => ({ type, actor: "anna", run, data, ...more });

it("knows an event for every status that a run can have", () => {
  for (const status of RUN_STATUSES) expect(ACTIVITY_TYPES).toHaveProperty([`run.${status}`]);
});

it.each<[Act, string]>([
  [act("run.pending"), "anna triggered content"],
  [act("run.pending", {}, { actor: null, run: { ...run, triggeredBy: "schedule" } }), "The schedule triggered content"],
  [act("run.pending", {}, { actor: "nightly", run: { ...run, triggeredBy: "schedule" } }), "Schedule nightly triggered content"],
  [act("run.pending", {}, { run: { ...run, retryOf: 9 } }), "anna retried #9 as content"],
  [act("run.running", {}, { actor: "worker 1" }), "content started"],
  [act("run.completed"), "content completed"],
  [act("run.partial"), "content completed in part"],
  [act("run.hold"), "content ended on hold"],
  [act("run.skipped"), "content was skipped"],
  [act("run.failed"), "content failed"],
  [act("run.cancelled"), "content was cancelled"],
  [act("run.cancel_requested"), "anna asked to cancel content"],
  [act("run.cancel_requested", {}, { actor: null }), "Someone asked to cancel content"],
  [act("run.annotated", { key: "team", value: "red" }), "anna annotated content: team = red"],
  [act("run.annotated", { key: "team", value: "" }), "anna annotated content: team"],
  [act("run.annotated", { key: "team", value: null }), "anna removed team from content"],
  [act("import.completed", { name: "/var/mail/a.mbox", messages: 12_000 }, { run: null }), "Imported 12\u2009000 messages from a.mbox"],
  [act("import.completed", { name: "C:\\mail\\a.mbox", messages: 1, duplicates: 4, problems: 2 }, { run: null }), "Imported 1 message from a.mbox (4 known already, 2 with problems)"],
  [act("import.completed", { name: "mail/", messages: 0 }, { run: null }), "Imported 0 messages from mail"],
  [act("import.completed", { name: "headlines.csv", news: 2, duplicates: 1, problems: 0 }, { run: null }), "Imported 2 headlines from headlines.csv (1 known already)"],
  [act("import.failed", { name: "a.mbox", error: "the disk is full" }, { run: null }), "Import of a.mbox failed: the disk is full"],
  [act("stage.paused", { pipeline: "mail", stage: "content", reason: "The quota is used up" }, { run: null }), "anna paused mail/content: The quota is used up"],
  [act("pipeline.paused", { pipeline: "mail" }, { run: null }), "anna paused the pipeline mail"],
  [act("stage.resumed", { pipeline: "mail", stage: "content" }, { run: null }), "anna resumed mail/content"],
  [act("stage.limited", { pipeline: "mail", stage: "content", limit: 1 }, { run: null }), "anna limited mail/content to 1 unit at a time"],
  [act("stage.limited", { pipeline: "mail", stage: "content", limit: null }, { run: null }), "anna took the limit of mail/content back to its definition's"],
])("says %#: %s", (given, sentence) => {
  expect(sayActivity(given)).toBe(sentence);
});

it("says something of any event, whatever its data hold", () => {
  for (const type of ACTIVITY_TYPE_NAMES) {
    for (const data of [{}, { stage: 1, key: {}, value: [], name: null, messages: "many", error: 4 }]) {
      const said = sayActivity({ type, actor: null, run: null, data });
      expect(said).not.toMatch(/undefined|null|object|NaN/);
      expect(said.length).toBeGreaterThan(5);
    }
  }
  expect(kindOf({ type: "run.running", run: { ...run, retryOf: 9 } })).toBe("started");
});
