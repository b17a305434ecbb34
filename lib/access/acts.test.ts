/** Every act of a person or a program, done by who may not and by who may, on a real database: T35, T37 and T54. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAnnotation, setAnnotation, SetAnnotationInput } from "#lib/annotations/mutations";
import { DENIALS_PER_MINUTE, withDenials } from "#lib/api/denials";
import { abortBulk, createBulk, AbortBulkInput } from "#lib/bulk/mutations";
import { createCauseRule, deleteCauseRule, saveCauseRule, CauseRuleInput, DeleteCauseRuleInput } from "#lib/causes/mutations";
import type { Ctx } from "#lib/ctx";
import { createDemo, removeDemo } from "#lib/demo/mutations";
import { cancelRun, CancelRunInput } from "#lib/engine/cancel";
import { pause, resume, setLimit, PauseInput } from "#lib/engine/control";
import { retryRun, RetryInput } from "#lib/engine/retry";
import { retryErrorGroup } from "#lib/engine/retry-group";
import { runScheduleNow } from "#lib/engine/schedule";
import { triggerAll, triggerRun, TriggerInput } from "#lib/engine/trigger";
import { groupEarlierFailures, ignoreErrorGroup, recordFailures, reopenErrorGroup, resolveErrorGroup, ErrorGroupInput } from "#lib/error-groups/mutations";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { addPrice, AddPriceInput } from "#lib/llm-prices/mutations";
import { changeRole, createFirstAdmin, createPerson, disablePerson, dropSecondFactor, enablePerson, invitePerson, makeResetLink, makeSetupLink } from "#lib/people/mutations";
import { importMailStream, loadSampleArchive } from "#lib/pipelines/mail/import";
import { setOverride } from "#lib/pipelines/mail/overrides";
import { PIPELINES } from "#lib/pipelines/registry";
import { setAgentSwitch, setKillSwitch, setRiskSettings } from "#lib/pipelines/trading/desk";
import { importPrices } from "#lib/pipelines/trading/import-prices";
import { importNews } from "#lib/pipelines/trading/import-news";
import { loadSampleDesk } from "#lib/pipelines/trading/sample-desk";
import { pinRun, prune, PinRunInput } from "#lib/retention/mutations";
import { createSchedule, deleteSchedule, pauseSchedule, resumeSchedule, saveSchedule, ScheduleIdInput, ScheduleInput } from "#lib/schedules/mutations";
import { changeSettings, pruneNow } from "#lib/settings/mutations";
import { getRun, listRuns } from "#lib/runs/queries";
import { readRunsFilter } from "#lib/runs/filter";
import { getSchedule, listSchedules } from "#lib/schedules/queries";
import { getStep, getStepIo, getTrace, listRunLogs, listSteps, readRunLogs, summarizeLogs } from "#lib/trace/queries";
import { compareRuns } from "#lib/compare/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { person } from "#lib/testing/people";
import { verbs } from "#lib/testing/verbs";
import { deleteView, saveView, DeleteViewInput, SaveViewInput } from "#lib/views/mutations";
import { drainWorker, DrainWorkerInput } from "#lib/workers/mutations";
import { ALL_PERMISSIONS, type Permission, PERMISSIONS_OF, ROLES } from "./rules.ts";

const FROM = { ip: "192.0.2.7", requestId: "req-1", userAgent: "test" };
let database: TestDatabase;
/** Prepares the world as a worker does, which leaves no entries. */
let world: Ctx;
let nobody: Ctx;
let somebody: Ctx;
const made: Record<string, number> = {};
const of = (name: string): number => made[name] ?? 0;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const MAIL = "From mara@harbourlane.example Thu Nov 20 08:15:00 2025\nMessage-ID: <1@harbourlane.example>\nFrom: mara@harbourlane.example\nTo: owner@studio.test\nSubject: Renewal\nDate: Thu, 20 Nov 2025 08:15:00 +0000\n\nHello\n\n";
const PRICES = "Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,2,0.5,1.5,10\n";
const NEWS = "Date,Symbol,Title,Impact,Source\n2024-01-02,EURUSD,Rates stay,high,desk\n";
const CAUSE = { kind: "contains", pattern: "disk full", title: "Disk", hint: "Make room" } as const;
const SCHEDULE = { pipeline: "lab", stage: "waves", cron: "0 3 * * *" };
const run = async (): Promise<number> => (await triggerRun(world, { pipeline: "lab", stage: "steps", onBusy: "queue" })).runId;
async function endedRun(status: "failed" | "cancelled" = "cancelled"): Promise<number> {
  const runId = await run();
  await cancelRun(world, { runId });
  if (status === "failed") await database.db.$executeRaw`update runs set status = 'failed' where id = ${runId}`;
  return runId;
}

type Act = {
  verb: string;
  permission: Permission;
  /** What the entry says; `object` without its number. */
  action: string; object: string;
  /** Makes what is acted upon. */
  before?: () => Promise<unknown>;
  act: (ctx: Ctx) => Promise<unknown>;
  /** The same again changes nothing, and leaves nothing. */
  isSameAgain?: true;
};

const ACTS: Act[] = [
  { verb: "triggerRun", permission: "runs.trigger", action: "run.trigger", object: "run", act: (ctx) => triggerRun(ctx, { pipeline: "lab", stage: "steps", idempotencyKey: "acts", onBusy: "queue" }), isSameAgain: true },
  { verb: "triggerAll", permission: "runs.trigger", action: "run.trigger", object: "run", act: (ctx) => triggerAll(ctx, { pipeline: "lab", onBusy: "queue" }) },
  { verb: "cancelRun", permission: "runs.cancel", action: "run.cancel", object: "run", before: async () => (made.run = await run()), act: (ctx) => cancelRun(ctx, { runId: of("run") }), isSameAgain: true },
  { verb: "retryRun", permission: "runs.retry", action: "run.retry", object: "run", before: async () => (made.ended = await endedRun()), act: (ctx) => retryRun(ctx, { runId: of("ended"), onBusy: "queue", idempotencyKey: "acts-2" }), isSameAgain: true },
  { verb: "setAnnotation", permission: "runs.annotate", action: "run.annotate", object: "run", act: (ctx) => setAnnotation(ctx, { runId: of("ended"), key: "note", value: "seen" }), isSameAgain: true },
  { verb: "deleteAnnotation", permission: "runs.annotate", action: "run.annotate", object: "run", act: (ctx) => deleteAnnotation(ctx, { runId: of("ended"), key: "note" }) },
  { verb: "pinRun", permission: "stages.control", action: "run.pin", object: "run", act: (ctx) => pinRun(ctx, { runId: of("ended"), pinned: true }), isSameAgain: true },
  { verb: "pinRun", permission: "stages.control", action: "run.unpin", object: "run", act: (ctx) => pinRun(ctx, { runId: of("ended"), pinned: false }), isSameAgain: true },
  { verb: "createBulk", permission: "runs.retry", action: "bulk.create", object: "bulk", act: async (ctx) => (made.bulk = (await createBulk(ctx, { kind: "retry", tree: null })).id) },
  { verb: "createBulk", permission: "runs.cancel", action: "bulk.create", object: "bulk", act: async (ctx) => (made.bulk = (await createBulk(ctx, { kind: "cancel", tree: null })).id) },
  { verb: "abortBulk", permission: "runs.cancel", action: "bulk.abort", object: "bulk", act: (ctx) => abortBulk(ctx, { id: of("bulk") }), isSameAgain: true },
  { verb: "pause", permission: "stages.control", action: "stage.pause", object: "stage/lab/first", act: (ctx) => pause(ctx, { pipeline: "lab", stage: "first" }), isSameAgain: true },
  { verb: "resume", permission: "stages.control", action: "stage.resume", object: "stage/lab/first", act: (ctx) => resume(ctx, { pipeline: "lab", stage: "first" }), isSameAgain: true },
  { verb: "setLimit", permission: "stages.control", action: "stage.limit", object: "stage/lab/first", act: (ctx) => setLimit(ctx, { pipeline: "lab", stage: "first", limit: 2 }), isSameAgain: true },
  { verb: "createSchedule", permission: "schedules.change", action: "schedule.save", object: "schedule", act: async (ctx) => (made.schedule = (await createSchedule(ctx, { name: "Nightly", ...SCHEDULE })).id) },
  { verb: "saveSchedule", permission: "schedules.change", action: "schedule.save", object: "schedule", act: (ctx) => saveSchedule(ctx, { id: of("schedule"), name: "Mornings", ...SCHEDULE }) },
  { verb: "pauseSchedule", permission: "schedules.change", action: "schedule.pause", object: "schedule", act: (ctx) => pauseSchedule(ctx, { id: of("schedule") }), isSameAgain: true },
  { verb: "resumeSchedule", permission: "schedules.change", action: "schedule.resume", object: "schedule", act: (ctx) => resumeSchedule(ctx, { id: of("schedule") }), isSameAgain: true },
  { verb: "runScheduleNow", permission: "runs.trigger", action: "schedule.run", object: "schedule", act: (ctx) => runScheduleNow(ctx, { id: of("schedule") }) },
  { verb: "deleteSchedule", permission: "schedules.change", action: "schedule.delete", object: "schedule", act: (ctx) => deleteSchedule(ctx, { id: of("schedule") }) },
  { verb: "resolveErrorGroup", permission: "errors.resolve", action: "error-group.resolve", object: "error-group", before: makeGroup, act: (ctx) => resolveErrorGroup(ctx, { groupId: of("group") }), isSameAgain: true },
  { verb: "ignoreErrorGroup", permission: "errors.resolve", action: "error-group.ignore", object: "error-group", act: (ctx) => ignoreErrorGroup(ctx, { groupId: of("group") }), isSameAgain: true },
  { verb: "reopenErrorGroup", permission: "errors.resolve", action: "error-group.reopen", object: "error-group", act: (ctx) => reopenErrorGroup(ctx, { groupId: of("group") }), isSameAgain: true },
  { verb: "retryErrorGroup", permission: "runs.retry", action: "error-group.retry", object: "error-group", act: (ctx) => retryErrorGroup(ctx, { groupId: of("group"), onlyFailed: false }) },
  { verb: "createCauseRule", permission: "errors.resolve", action: "cause.save", object: "cause", act: async (ctx) => (made.cause = (await createCauseRule(ctx, CAUSE)).id) },
  { verb: "saveCauseRule", permission: "errors.resolve", action: "cause.save", object: "cause", act: (ctx) => saveCauseRule(ctx, { ...CAUSE, id: of("cause"), title: "Full disk" }) },
  { verb: "deleteCauseRule", permission: "errors.resolve", action: "cause.delete", object: "cause", act: (ctx) => deleteCauseRule(ctx, { id: of("cause") }), isSameAgain: true },
  { verb: "drainWorker", permission: "workers.drain", action: "worker.drain", object: "worker", before: makeWorker, act: (ctx) => drainWorker(ctx, { workerId: of("worker") }), isSameAgain: true },
  { verb: "importMailStream", permission: "imports.run", action: "mail.import", object: "import", act: (ctx) => importMailStream(ctx, { name: "one.mbox", chunks: bytesOf(MAIL) }) },
  { verb: "importPrices", permission: "imports.run", action: "price.import", object: "prices/x_D1.csv", act: (ctx) => importPrices(ctx, bytesOf(PRICES), { name: "x_D1.csv" }) },
  { verb: "importNews", permission: "imports.run", action: "news.import", object: "news/x.csv", act: (ctx) => importNews(ctx, bytesOf(NEWS), { name: "x.csv" }) },
  { verb: "loadSampleDesk", permission: "imports.run", action: "price.import", object: "prices/sample desk", act: loadSampleDesk },
  { verb: "setOverride", permission: "imports.run", action: "mail.correct", object: "sender/harbourlane.example", before: makeSender, act: (ctx) => setOverride(ctx, { senderDomain: "harbourlane.example", field: "intent", value: "marketing" }) },
  { verb: "setKillSwitch", permission: "trading.control", action: "trading.kill-switch", object: "trading", act: (ctx) => setKillSwitch(ctx, { isActive: true, reason: "test" }), isSameAgain: true },
  { verb: "setAgentSwitch", permission: "trading.control", action: "agent.switch", object: "agent/trend_agent", act: (ctx) => setAgentSwitch(ctx, { agent: "trend_agent", isEnabled: false }), isSameAgain: true },
  { verb: "setRiskSettings", permission: "trading.control", action: "risk.change", object: "trading", act: (ctx) => setRiskSettings(ctx, { maxOpenPositions: 3 }) },
  { verb: "addPrice", permission: "settings.change", action: "price.save", object: "price", act: (ctx) => addPrice(ctx, AddPriceInput.parse({ model: "acts-1", inputUsd: 1, outputUsd: 2 })) },
  { verb: "prune", permission: "settings.change", action: "retention.prune", object: "runs", before: makeOldRun, act: (ctx) => prune(ctx, { cutoffs: { runs: new Date(Date.now() - 30 * 86_400_000), payloads: null } }), isSameAgain: true },
  { verb: "createDemo", permission: "demo.change", action: "demo.fill", object: "demo", act: (ctx) => createDemo(ctx, { days: 7, runs: 500, force: true }), isSameAgain: true },
  { verb: "removeDemo", permission: "demo.change", action: "demo.clear", object: "demo", act: removeDemo, isSameAgain: true },
  { verb: "makeSetupLink", permission: "people.manage", action: "person.setup_link", object: "people", act: async (ctx) => makeSetupLink(ctx) },
  { verb: "createFirstAdmin", permission: "people.manage", action: "person.create", object: "user/first@example.org", act: (ctx) => createFirstAdmin(ctx, { email: "first@example.org", password: PASSWORD }), isSameAgain: true },
  { verb: "invitePerson", permission: "people.manage", action: "person.invite", object: "user/ivo@example.org", act: async (ctx) => (ivo = (await invitePerson(ctx, { email: "ivo@example.org", role: "viewer" })).id) },
  { verb: "createPerson", permission: "people.manage", action: "person.create", object: "user/carl@example.org", act: (ctx) => createPerson(ctx, { email: "carl@example.org", role: "viewer", password: PASSWORD }) },
  { verb: "makeResetLink", permission: "people.manage", action: "person.reset_link", object: "user/ivo@example.org", act: async (ctx) => makeResetLink(ctx, { id: ivo }) },
  { verb: "changeRole", permission: "people.manage", action: "person.role", object: "user/ivo@example.org", act: async (ctx) => changeRole(ctx, { id: ivo, role: "operator" }), isSameAgain: true },
  { verb: "disablePerson", permission: "people.manage", action: "person.disable", object: "user/ivo@example.org", act: async (ctx) => disablePerson(ctx, { id: ivo }), isSameAgain: true },
  { verb: "enablePerson", permission: "people.manage", action: "person.enable", object: "user/ivo@example.org", act: async (ctx) => enablePerson(ctx, { id: ivo }), isSameAgain: true },
  { verb: "dropSecondFactor", permission: "people.manage", action: "person.drop_second_factor", object: "user/ivo@example.org", act: async (ctx) => dropSecondFactor(ctx, { id: ivo }) },
  { verb: "changeSettings", permission: "settings.change", action: "settings.change", object: "settings", act: (ctx) => changeSettings(ctx, { values: { auditDays: 400 } }), isSameAgain: true },
  { verb: "pruneNow", permission: "settings.change", action: "retention.prune", object: "runs", before: makeOldRun, act: pruneNow, isSameAgain: true },
  { verb: "groupEarlierFailures", permission: "errors.resolve", action: "error-group.collect", object: "error-groups", before: makeUngrouped, act: (ctx) => groupEarlierFailures(ctx), isSameAgain: true },
];
const PASSWORD = "three unrelated words";
let ivo = "";
/** Acts that viewers may do; their own are tested below. */
const OF_EVERYBODY = ["saveView", "deleteView", "makeKey", "revokeKey"];
/** What only whoever manages a thing may look at. */
const LOOKS = ["listPeople", "getPerson", "listKeys", "planPruneNow"];
/** Acts that are one of the above by another way, and those whose own tests say more. */
const ELSEWHERE = ["startJob", "cancelJob", "importMailPath", "loadSampleArchive", "importPricesFile", "importNewsFile", "loadDeskFile"];

async function makeGroup(): Promise<void> {
  const runId = await endedRun("failed");
  await recordFailures(world, { runId, unitSeq: null, pipeline: "lab", stage: "steps" }, [{ step: null, stepSeq: null, errorClass: "RangeError", message: "acts", count: 1 }]);
  const [group] = await database.db.$queryRaw<{ id: number }[]>`select id::int from error_groups limit 1`;
  made.group = group?.id ?? 0;
}
async function makeUngrouped(): Promise<void> {
  const runId = await endedRun("failed");
  await database.db.$executeRaw`update runs set error_class = 'RangeError', error_message = 'of long ago' where id = ${runId}`;
}
async function makeWorker(): Promise<void> {
  const { id } = await database.db.worker.create({ data: { host: "a", pid: 1, version: "1", concurrency: 1, heartbeatAt: new Date() } });
  made.worker = Number(id);
}
async function makeSender(): Promise<void> {
  await loadSampleArchive(world);
  await database.db.$executeRaw`
    insert into parsed_metadata (message_id, sender_address, sender_domain, sender_host, esp, esp_confidence, dkim, spf, dmarc, is_bulk, is_automated, is_reply)
    select id, 'mara@harbourlane.example', 'harbourlane.example', 'harbourlane.example', 'custom_smtp', 1, 'pass', 'pass', 'none', false, false, false from mail_messages order by id limit 1`;
}
async function makeOldRun(): Promise<void> {
  const runId = await endedRun();
  await database.db.$executeRaw`update runs set created_at = now() - interval '90 days', started_at = now() - interval '90 days', completed_at = now() - interval '90 days' where id = ${runId}`;
}

/** All that is stored, but for the log of acts itself. */
async function digest(): Promise<string> {
  const [found] = await database.db.$queryRaw<{ hash: string }[]>`
    select md5(string_agg(table_name || query_to_xml(format('select md5(string_agg(t::text, chr(10) order by t::text)) as hash from %I t', table_name), true, false, '')::text, '' order by table_name)) as hash
      from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'audit%'`;
  return found?.hash ?? "";
}
let read = 0n;
const entries = () => database.db.$queryRaw<{ action: string; object: string; actor: string; ip: string | null }[]>`select action, object, actor, ip from audit_entries where id > ${read}::bigint order by id`;
/** The log is only added to: what was there is looked past. */
const clear = async () => {
  const [last] = await database.db.$queryRaw<{ id: bigint | null }[]>`select max(id) as id from audit_entries`;
  read = last?.id ?? 0n;
};

/** A world in which nothing has been done yet. */
async function begin(): Promise<void> {
  database = await cloneDatabase();
  read = 0n;
  world = { ...database.ctx, actor: { kind: "worker", name: "world" } };
  nobody = { ...database.ctx, actor: { ...person("vic", "viewer"), from: FROM } };
  somebody = { ...database.ctx, actor: { ...person("ada", "admin"), from: FROM } };
}
beforeAll(() => void PIPELINES.push(lab));
afterAll(() => database.drop());

type Actors = { /** Who may do it, and hardly more. */ may: Ctx["actor"]; /** Who may do nearly as much. */ mayNot: Ctx["actor"] };
const key = (name: string, permissions: Permission[]): Ctx["actor"] => ({ kind: "api", name, may: new Set(permissions), from: FROM });
/** Whoever may do something to runs may see them. */
const withSight = (permission: Permission): Permission[] => (permission.startsWith("runs.") ? [permission, "runs.read"] : [permission]);
const DOERS: [string, (permission: Permission) => Actors][] = [
  ["as somebody of the least role that may", (permission) => {
    const least = ROLES.findIndex((role) => PERMISSIONS_OF[role].includes(permission));
    return { may: { ...person("ada", ROLES[least] ?? "admin"), from: FROM }, mayNot: { ...person("vic", ROLES[least - 1] ?? "viewer"), from: FROM } };
  }],
  ["by a key of that right alone", (permission) => ({ may: key("ada", withSight(permission)), mayNot: key("vic", ALL_PERMISSIONS.filter((one) => one !== permission)) })],
];

it("every verb that changes something is in the table", () => {
  const reads = /^(runs\.read|payloads\.read|runs\.export|metrics\.read|audit\.read)$/;
  const changing = verbs.filter(({ path, permissions }) => !path.startsWith("lib/audit/") && permissions.some((permission) => !reads.test(permission)));
  expect([...new Set(changing.map(({ name }) => name))].sort()).toEqual([...new Set([...ACTS.map(({ verb }) => verb), ...OF_EVERYBODY, ...LOOKS, ...ELSEWHERE])].sort());
});

describe.each(DOERS)("done %s", (_, actorsOf) => {
  beforeAll(begin);
  afterAll(() => (actorsOf === DOERS.at(-1)?.[1] ? undefined : database.drop()));

  it.each(ACTS)("$verb: $action", async ({ permission, action, object, before, act, isSameAgain }) => {
    const { may, mayNot } = actorsOf(permission);
    const doer: Ctx = { ...database.ctx, actor: may };
    const refused: Ctx = { ...database.ctx, actor: mayNot };
    await before?.();
    await clear();
    const stood = await digest();
    await expect(withDenials({ ...refused, actor: { ...mayNot, name: `vic ${action}` } as Ctx["actor"] }, () => act(refused))).rejects.toMatchObject({ code: "FORBIDDEN", details: { permission } });
    expect(await digest()).toBe(stood);
    expect(await entries()).toEqual([{ action: "denied", object: permission, actor: `vic ${action}`, ip: FROM.ip }]);

    await clear();
    await act(doer);
    expect(await entries()).toEqual([{ action, object: expect.stringMatching(new RegExp(`^${object}(/\\d+)?$`)), actor: "ada", ip: FROM.ip }]);
    if (!isSameAgain) return;
    await clear();
    await act(doer);
    expect(await entries()).toEqual([]);
  });
});

it("a key with one right may do that and nothing else", async () => {
  for (const permission of ALL_PERMISSIONS) {
    const key: Ctx = { ...database.ctx, actor: { kind: "api", name: "key", may: new Set([permission]) } };
    for (const { act, permission: wanted } of ACTS) {
      if (wanted !== permission) await expect(act(key)).rejects.toMatchObject({ code: "FORBIDDEN", details: { permission: wanted } });
    }
  }
});

it("views are everybody's own: another's cannot be changed, or deleted by its number", async () => {
  const { id } = await saveView(nobody, { name: "Mine", query: "status=failed" });
  await clear();
  await expect(deleteView(somebody, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await saveView(somebody, { name: "Mine", query: "" })).id).not.toBe(id);
  await saveView(somebody, { name: "Mine", query: "" });
  await deleteView(nobody, { id });
  expect((await entries()).map(({ action, actor }) => [action, actor])).toEqual([["view.save", "ada"], ["view.delete", "vic"]]);
});

it("keys are everybody's own, with a right that may be taken from a key: another's cannot be revoked by its number", async () => {
  const { id } = await makeKey({ ...nobody, actor: { ...nobody.actor, userId: ivo } as Ctx["actor"] }, { name: "of ivo", role: "viewer" });
  const keyless: Ctx = { ...nobody, actor: { ...person("kay", "viewer"), from: FROM, may: new Set(["runs.read"]) } as Ctx["actor"] };
  await clear();
  const acts: (() => Promise<unknown>)[] = [async () => makeKey(keyless, { name: "x", role: "viewer" }), async () => revokeKey(keyless, { id })];
  for (const act of acts) await expect(withDenials(keyless, act)).rejects.toMatchObject({ code: "FORBIDDEN", details: { permission: "keys.make" } });
  await expect(revokeKey(nobody, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await revokeKey(somebody, { id });
  await revokeKey(somebody, { id });
  expect((await entries()).map(({ action, object, actor }) => [action, object, actor])).toEqual([["denied", "keys.make", "kay"], ["denied", "keys.make", "kay"], ["key.revoke", `key/${id}`, "ada"]]);
});

it("an import or a prune that is broken off has been written down with its first batch", async () => {
  await clear();
  const stop = () => {
    throw new Error("killed");
  };
  await expect(importPrices(somebody, bytesOf(PRICES.replaceAll("2024", "2023")), { name: "y_D1.csv" }, stop)).rejects.toThrow("killed");
  await makeOldRun();
  await expect(prune(somebody, { cutoffs: { runs: new Date(Date.now() - 30 * 86_400_000), payloads: null }, onProgress: stop })).rejects.toThrow("killed");
  expect((await entries()).map(({ action }) => action)).toEqual(["price.import", "retention.prune"]);
});

it("who does not see a schedule's parameters overwrites none of them", async () => {
  const { id } = await createSchedule(world, { name: "Unseen", ...SCHEDULE, stage: "first", params: { failing: ["kept"] } });
  const paramsOf = async () => (await getSchedule(world, id)).params;
  const may = new Set(person("opal", "operator").may);
  may.delete("payloads.read");
  const blind: Ctx = { ...database.ctx, actor: { kind: "web", name: "opal", may } };
  await saveSchedule(blind, { id, name: "Renamed", ...SCHEDULE, stage: "first" });
  expect(await paramsOf()).toEqual({ failing: ["kept"] });
  await saveSchedule(blind, { id, name: "Renamed", ...SCHEDULE, stage: "first", params: { failing: ["said"] } });
  expect(await paramsOf()).toEqual({ failing: ["said"] });
  await saveSchedule(somebody, { id, name: "Renamed", ...SCHEDULE, stage: "first" });
  expect(await paramsOf(), "who sees them replaces them").toEqual({});
});

it("denials of one person are bounded, and of another counted apart", async () => {
  await clear();
  const knock = (name: string) => withDenials({ ...database.ctx, actor: person(name, "viewer") }, () => cancelRun(nobody, { runId: 1 })).catch(() => {});
  for (let turn = 0; turn < DENIALS_PER_MINUTE + 20; turn += 1) await knock("eve");
  await knock("ivy");
  expect((await entries()).filter(({ actor }) => actor === "eve")).toHaveLength(DENIALS_PER_MINUTE);
  expect((await entries()).filter(({ actor }) => actor === "ivy")).toHaveLength(1);
});

it.each([{ contains: "" }, { not: null }, { gt: 0 }, { in: [1, 2] }, null])("an operator of the database's client where a value is due is refused: %j", (value) => {
  const inputs = [
    [CancelRunInput, "runId"], [PinRunInput, "runId"], [RetryInput, "runId"], [SetAnnotationInput, "key"], [DeleteViewInput, "id"], [SaveViewInput, "name"], [ScheduleIdInput, "id"], [ScheduleInput, "name"],
    [ErrorGroupInput, "groupId"], [DeleteCauseRuleInput, "id"], [DrainWorkerInput, "workerId"], [AbortBulkInput, "id"], [TriggerInput, "pipeline"], [PauseInput, "pipeline"], [AddPriceInput, "model"],
  ] as const;
  for (const [schema, field] of inputs) {
    const parsed = schema.safeParse({ [field]: value });
    expect(parsed.error?.issues.some(({ path }) => path[0] === field) ?? false, `${field} ${JSON.stringify(value)}`).toBe(true);
  }
});

it.each(["role", "createdBy", "owner", "status", "may"])("who acts cannot say %s along with it", (name) => {
  for (const [schema, given] of [[SaveViewInput, { name: "x", query: "" }], [TriggerInput, { pipeline: "lab", stage: "steps" }], [ScheduleInput, { name: "x", ...SCHEDULE }], [CauseRuleInput, CAUSE], [PinRunInput, { runId: 1, pinned: true }]] as const) {
    expect(schema.safeParse(given).success).toBe(true);
    expect(schema.safeParse({ ...given, [name]: "admin" }).error?.issues[0]).toMatchObject({ code: "unrecognized_keys", keys: [name] });
  }
});

it("who may not read payloads sees that there are some, and no list fails", async () => {
  const runId = await endedRun("failed");
  await database.db.$executeRaw`insert into run_steps (run_id, seq, step_name, step_key, status, attempt, input_json, output_json, started_at) values (${runId}, 1, 'ask', 'ask#1', 'ok', 1, '{"say":"canary-in"}', '{"say":"canary-out"}', now())`;
  await database.db.$executeRaw`insert into run_logs (run_id, level, line) values (${runId}, 'warn', 'canary-line')`;
  await database.db.$executeRaw`update runs set params = '{"say":"canary-param"}', config_snapshot = '{"say":"canary-config"}' where id = ${runId}`;
  const { id } = await createSchedule(world, { name: "With params", ...SCHEDULE, stage: "first", params: { failing: ["canary-params"] } });
  const may = new Set(person("vic", "viewer").may);
  may.delete("payloads.read");
  const blind: Ctx = { ...database.ctx, actor: { kind: "web", name: "vic", may } };

  expect(await getRun(blind, runId)).toMatchObject({ id: runId, hidden: true, params: null, configSnapshot: null, stepsTotal: expect.any(Number) });
  expect(await getRun(nobody, runId)).toMatchObject({ hidden: false, params: { say: "canary-param" } });
  expect(await getSchedule(blind, id)).toMatchObject({ hidden: true, params: {} });
  const told = [await listRuns(blind, readRunsFilter(new URLSearchParams()).filter), await listSchedules(blind), await listSteps(blind, runId), await getStep(blind, runId, 1), await getTrace(blind, runId), await compareRuns(blind, runId, runId), await getRun(blind, runId)];
  expect(JSON.stringify(told, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain("canary");
  for (const read of [() => getStepIo(blind, runId, 1), () => listRunLogs(blind, runId), () => summarizeLogs(blind, runId), () => readRunLogs(blind, runId).next()]) {
    await expect(read()).rejects.toMatchObject({ code: "FORBIDDEN", details: { permission: "payloads.read" } });
  }
  expect(await getStepIo(nobody, runId, 1)).toMatchObject({ input: expect.stringContaining("canary-in") });
});
