import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { programs } from "#lib/testing/programs";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { cancelRun } from "./cancel.ts";
import { defineProgramStage } from "./program.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let worker: RunningWorker;
const SECRET = 'hush"hush/4711';

beforeAll(async () => {
  PIPELINES.push(programs);
  process.env.TEST_API_TOKEN = SECRET;
  process.env.TEST_UNLISTED = "must not be seen";
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

const start = async (stage: string, params: Record<string, unknown> = {}) => (await triggerRun(database.ctx, { pipeline: "programs", stage, params })).runId;
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { where: { kind: "work" }, orderBy: { seq: "asc" } }, steps: { orderBy: { seq: "asc" } }, logs: { orderBy: { id: "asc" } }, annotations: true, llmCalls: true } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
}, 60_000);
const run = async (stage: string, params: Record<string, unknown> = {}) => ended(await start(stage, params));
const linesOf = ({ logs }: { logs: { line: string }[] }) => logs.map(({ line }) => line);

test("a program tells of items, steps, model calls, what it found; everything else is log", async () => {
  const told = await run("says");
  expect(told).toMatchObject({ status: "partial", itemsTotal: 3, itemsProcessed: 2, itemsFailed: 1, outcome: "BUY", errorClass: "BadItem" });
  expect(told.units).toMatchObject([{ name: "says", output: { answer: 42 }, status: "completed" }]);
  expect(told.steps.map(({ stepName, status, parentSeq, errorClass }) => [stepName, status, parentSeq, errorClass])).toEqual([
    ["outer", "ok", null, null], ["inner", "ok", 1, null], ["broken", "error", null, "Nope"], ["left_out", "skip", null, null],
  ]);
  expect(told.steps[1]).toMatchObject({ outputJson: "[1,2]", durationMs: 1234 });
  expect(told.llmCalls).toMatchObject([{ provider: "there", model: "gpt-4o", role: "judge", status: "ok", totalTokens: 1100, stepId: told.steps[0]?.id, durationMs: 50 }]);
  expect(Number(told.llmCalls[0]?.costUsd)).toBeCloseTo(0.0035, 6);
  expect(told.annotations).toMatchObject([{ key: "colour", value: "blue" }]);
  const lines = linesOf(told);
  expect(lines).toEqual(expect.arrayContaining(["plain", "careful", '{"other":"json"}', "red", `unit says attempt 1 key ${told.id}:1:says`]));
  const notUnderstood = told.logs.filter(({ level, line }) => level === "warn" && line.startsWith("Not understood"));
  expect(notUnderstood).toHaveLength(3);
  expect(notUnderstood[2]?.line).toBe('Not understood, as it is no whole JSON: {"penstock":"items","do');
});

test("parameters come as words of their own, or as JSON on standard input, whatever they hold", async () => {
  const text = "-rf ; $(id) `id` 'x' \"y\" | & > < * ? ~ é 🙂";
  expect(linesOf(await run("args", { text }))).toEqual([`[--text=${text}]`, "[--n=7]", "[--yes]"]);
  expect((await run("stdin", { text: "a" })).units[0]?.output).toEqual({ text: "a" });
});

test("units by name run one program each", async () => {
  const told = await run("fanned");
  expect(told).toMatchObject({ status: "completed", unitsTotal: 3, itemsProcessed: 3 });
  expect(linesOf(told).toSorted()).toEqual(["I am one", "I am three", "I am two"]);
});

test.each([
  ["fails", "ExitCode 3", "first\nlast"],
  ["silent", "ExitCode 4", "The program ended with exit code 4 and said nothing on its standard error"],
  ["signalled", "Signal SIGSEGV", "The program was ended by SIGSEGV and said nothing on its standard error"],
  ["missing", "ProgramNotFound", 'There is no program "no-such-program-anywhere" on this worker\'s PATH. Install it, or give its path.'],
  ["unexecutable", "ProgramNotExecutable", "/etc/passwd is not executable. Make it so with chmod +x, or name its interpreter first."],
  ["nowhere", "FolderNotFound", "The program's working folder /no/such/folder does not exist on this worker."],
])("%s ends as %s", async (stage, errorClass, message) => {
  const told = await run(stage);
  expect(told).toMatchObject({ status: "failed", errorClass, errorMessage: message });
  if (stage !== "fails") return;
  expect(told.steps).toMatchObject([{ stepName: "deep", status: "error", errorClass: "ExitCode 3", error: "The program ended in the middle of it (ExitCode 3)" }]);
  const [occurrence] = await database.db.$queryRaw<{ step: string }[]>`select g.step from error_occurrences o join error_groups g on g.id = o.group_id where o.run_id = ${told.id}::bigint`;
  expect(occurrence?.step).toBe("deep");
});

test("it sees the variables that are listed and no other, and a secret stays out of what is kept", async () => {
  const told = await run("env");
  const names = linesOf(told).flatMap((line) => /^([A-Za-z_]+)=/.exec(line)?.[1] ?? []);
  const known = ["PATH", "HOME", "LANG", "TZ", "TEST_API_TOKEN", "PENSTOCK_RUN_ID", "PENSTOCK_UNIT", "PENSTOCK_ATTEMPT", "PENSTOCK_IDEMPOTENCY_KEY", "PWD", "OLDPWD", "SHLVL", "_"];
  expect(names).toEqual(expect.arrayContaining(["PATH", "TEST_API_TOKEN", "PENSTOCK_RUN_ID"]));
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(linesOf(told)).toContain("Not set on this worker, so the program does not see it: TEST_NOT_SET");
  expect(linesOf(told)).toContain("TEST_API_TOKEN=[redacted]");
  expect(told.errorMessage).toBe("[redacted]");
  expect(JSON.stringify(told, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain("hush");
});

test("200 MB of output and a line of 30 MB: the worker's memory stays flat, and what is kept is bounded", async () => {
  const rss = () => process.memoryUsage().rss / 1e6;
  const peakOf = async (stage: string) => {
    let peak = rss();
    const watch = setInterval(() => { peak = Math.max(peak, rss()); }, 10);
    const told = await run(stage).finally(() => clearInterval(watch));
    return { told, peak };
  };
  // What a first flood takes is the room that pieces need between two collections, however long it goes on.
  const first = await peakOf("flood");
  const second = await peakOf("flood");
  const line = await peakOf("oneline");
  expect(first.told).toMatchObject({ status: "completed" });
  expect(first.told.logs).toHaveLength(2_001);
  expect(first.told.logs.at(-1)?.line).toBe("Over 2000 lines; the rest is left out");
  expect(line.told.logs).toHaveLength(1);
  expect(line.told.logs[0]?.line.length).toBe(4_000);
  expect(Math.max(second.peak, line.peak) - first.peak).toBeLessThan(150);
}, 90_000);

/** Gone, or a zombie that only waits for its parent. */
async function isGone(pid: number): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat === null || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}
const pidsOf = async (runId: number, wanted: number) => waitFor(`${wanted} process ids`, async () => {
  const pids = linesOf(await read(runId)).flatMap((line) => /^pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  return pids.length >= wanted && pids;
});

test.runIf(process.platform === "linux")("cancelled: the whole family ends; who has manners may say goodbye, who has not is killed after a grace", async () => {
  for (const [stage, family, status] of [["family", 3, "cancelled"], ["polite", 1, "cancelled"], ["stubborn", 1, "cancelled"]] as const) {
    const runId = await start(stage);
    const pids = await pidsOf(runId, family);
    const cancelledAt = Date.now();
    await cancelRun(database.ctx, { runId });
    const told = await ended(runId);
    expect(told.status).toBe(status);
    expect(Date.now() - cancelledAt).toBeLessThan(15_000);
    for (const pid of pids) await waitFor(`${pid} of ${stage} to be gone`, () => isGone(pid), 5_000);
    if (stage === "polite") expect(linesOf(told)).toContain("bye");
  }
}, 90_000);

test.runIf(process.platform === "linux")("what a program leaves running goes when it has ended", async () => {
  const told = await run("leaves");
  expect(told.status).toBe("completed");
  const [pid] = await pidsOf(Number(told.id), 1);
  await waitFor("what was left to be gone", () => isGone(pid ?? 0), 5_000);
});

test("variables that could put code into a program cannot be listed", () => {
  for (const name of ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "NODE_OPTIONS", "BASH_ENV", "A=B", ""]) {
    expect(() => defineProgramStage("x", { title: "x", cwd: "/", run: ["true"], env: [name], params: z.object({}) })).toThrow(name);
  }
});
