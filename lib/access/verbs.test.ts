/** That no door leads to a verb which asks nobody: each exported function with a `Ctx` asks for a right, or is for inside use only. */
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { files, isDoor, sources, type Verb, verbs } from "#lib/testing/verbs";

type Inside = { why: string; /** Where it is not all of the file that asks for nothing. */ names?: string[]; /** Doors that may use it all the same. */ doors?: string[] };

const ENGINE = "the engine's own steps, in a worker or within a verb that has asked";
/** What takes a `Ctx` and asks for no right, and why that opens nothing. */
const INSIDE: Record<string, Inside> = {
  "lib/audit/mutations.ts": { why: "writes down what others do", names: ["audit", "sealAudit"], doors: ["lib/api/denials.ts"] },
  "lib/backtests/queries.ts": { why: "for the verbs, whose callers may start or cancel what they may not look at", names: ["readJob"] },
  "lib/bulk/mutations.ts": { why: "a worker's part of a bulk action: who ordered it was asked then", names: ["enqueueBulk", "reviveBulks", "actOnNext"] },
  "lib/engine/busy.ts": { why: ENGINE },
  "lib/engine/cancel.ts": { why: ENGINE, names: ["carryOutCancel"] },
  "lib/engine/claim.ts": { why: ENGINE },
  "lib/engine/end-batch.ts": { why: ENGINE },
  "lib/engine/execute.ts": { why: ENGINE },
  "lib/engine/expiry.ts": { why: ENGINE },
  "lib/engine/gate.ts": { why: ENGINE },
  "lib/engine/jobs.ts": { why: ENGINE },
  "lib/engine/liveness.ts": { why: ENGINE },
  "lib/engine/plan.ts": { why: ENGINE },
  "lib/engine/program-unit.ts": { why: ENGINE },
  "lib/engine/repair.ts": { why: ENGINE },
  "lib/engine/retry-unit.ts": { why: ENGINE },
  "lib/engine/run-context.ts": { why: ENGINE },
  "lib/engine/schedule.ts": { why: ENGINE, names: ["tickSchedules"] },
  "lib/engine/settle.ts": { why: ENGINE },
  "lib/engine/steps.ts": { why: ENGINE },
  "lib/engine/trigger.ts": { why: "makes the run of a trigger or a retry that has been asked for", names: ["insertRun"] },
  "lib/engine/turns.ts": { why: ENGINE },
  "lib/engine/window.ts": { why: ENGINE },
  "lib/error-groups/mutations.ts": { why: "groups what the engine saw fail; forgets it with the demo", names: ["recordFailures", "forgetFailuresOf"] },
  "lib/llm-calls/mutations.ts": { why: "a stage's own calls of a model" },
  "lib/llm-calls/queries.ts": { why: "asked by the engine before a call", names: ["findSpentBudget"] },
  "lib/llm-calls/sql/usage.ts": { why: "statements of lib/llm-usage, which asks" },
  "lib/llm-prices/queries.ts": { why: "asked by the engine before a call", names: ["hasPrice"] },
  "lib/metrics/queries.ts": { why: "one answer for all who scrape: the door asks, not the question", names: ["readDatabaseSamples"] },
  "lib/people/mutations.ts": { why: "who holds a one-time link is who it is for", names: ["redeemLink"], doors: ["app/(auth)/setup/[token]/actions.ts"] },
  "lib/pipelines/mail/store.ts": { why: "a batch of an import that has asked" },
  "lib/pipelines/trading/import-prices.ts": { why: "a batch of an import that has asked", names: ["storeBars"] },
  "lib/retention/queries.ts": { why: "asked by a worker at night", names: ["findLastPrune"] },
  "lib/runs/mutations.ts": { why: "what the engine and verbs that have asked write of a run" },
  "lib/schedules/mutations.ts": { why: "a lock, for verbs that have asked", names: ["lockSchedule"] },
  "lib/stats/mutations.ts": { why: "folds sums that are there; tells nothing" },
  "lib/stats/queries.ts": { why: "the cache behind verbs that ask each time", names: ["statsCacheOf"] },
  "lib/stats/sql/durations.ts": { why: "a statement of lib/stats, which asks" },
  "lib/waits/queries.ts": { why: "a part of what lib/runs tells, which asks" },
};

const isInside = ({ path, name }: Verb): boolean => (INSIDE[path] ? (INSIDE[path].names?.includes(name) ?? true) : false);

/** The doors whose text imports the verb, at the top or on the way. */
function doorsTo({ path, name }: Verb): string[] {
  const named = new RegExp(`\\b${name}\\b`);
  return files.filter((from) => isDoor(from) && [...(sources.get(from) ?? "").matchAll(/(?:import|const)\s+(?!type\b)(?:type )?(\{[^}]*\})\s*(?:from|= await import\()\s*"([^"]+)"/g)].some(([, names = "", target = ""]) => {
    const to = target.startsWith("#") ? `${target.slice(1)}.ts` : target.startsWith(".") ? normalize(join(dirname(from), target)) : target;
    return (to === path || `${to}.ts` === path) && named.test(names);
  }));
}

test("each verb asks for a right, or is for inside use only", () => {
  expect(verbs.length).toBeGreaterThan(150);
  expect(verbs.filter((verb) => !verb.asks && !isInside(verb)).map(({ path, name }) => `${path} ${name}`)).toEqual([]);
});

test("no door leads to what is for inside use only", () => {
  expect(verbs.filter((verb) => isInside(verb) && !verb.asks).flatMap((verb) => doorsTo(verb).filter((door) => !INSIDE[verb.path]?.doors?.includes(door)).map((door) => `${door} → ${verb.name}`))).toEqual([]);
});

/** Finding out who asks, and signing in, before there is anybody; reads for a stage, used after a verb of the same route has asked; and the day by which an address is read. */
const RAW = [
  "app/(auth)/setup/[token]/actions.ts openSession", "app/(auth)/setup/[token]/page.tsx findLink", "app/(auth)/sign-in/page.tsx findSession", "app/(auth)/sign-in/page.tsx isEmpty",
  "app/api/v1/trading/agents/route.ts readAgentSwitches", "app/api/v1/trading/kill-switch/route.ts readKillSwitch", "app/results/route.ts readToday",
  "lib/api/route.ts requireActor", "lib/web/ctx.ts findSession", "lib/web/ctx.ts hiddenRights",
];

test("pages, routes and commands pass on who asks, not the bare database", () => {
  const found = files.filter(isDoor).flatMap((path) => [...(sources.get(path) ?? "").matchAll(/\b(\w+)\((?:(?:ctx|session)\.db\b|db[,)]|\{ db \}\) =>)/g)].map(([, name]) => `${path} ${name}`));
  expect(found.sort()).toEqual(RAW);
});

test("the list of what is for inside use only names nothing that is gone, or that asks", () => {
  const stale = Object.entries(INSIDE).flatMap(([path, { names }]) =>
    names ? names.filter((name) => !verbs.some((verb) => verb.path === path && verb.name === name && !verb.asks)).map((name) => `${path} ${name}`)
      : verbs.some((verb) => verb.path === path && !verb.asks) ? [] : [path]);
  expect(stale).toEqual([]);
});
