/** Secrets let loose in every corner of a run: what is kept, told and exported afterwards holds none of them. */
import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { encodeRows } from "#lib/export/encode";
import { readRuns } from "#lib/export/queries";
import { closeAllStreams, openStream } from "#lib/live/sse";
import { log } from "#lib/log";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRun } from "#lib/runs/queries";
import { readRunsFilter } from "#lib/runs/filter";
import { createSchedule, saveSchedule } from "#lib/schedules/mutations";
import { getSchedule } from "#lib/schedules/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { type FakeProvider, say, startFakeProvider } from "#lib/testing/fake-provider";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { definePipeline, defineStage, unit, wave } from "./define.ts";
import { defineProgramStage } from "./program.ts";
import { runScheduleNow } from "./schedule.ts";
import { triggerRun } from "./trigger.ts";

/** Known by their value: variables of this process. */
const KNOWN = { CANARY_API_KEY: "cnry-01-quill/heron", CANARY_WEBHOOK_SECRET: "cnry-02 \"otter\"\\fen", CANARY_TOKEN: "cnry-03+marten=", CANARY_PASSWORD: "cnry-04-ü-badger", CANARY_URL: "https://bot:cnry-05-plover@example.com/hook" };
const values = ["cnry-01-quill/heron", "cnry-02 \"otter\"\\fen", "cnry-03+marten=", "cnry-04-ü-badger", "cnry-05-plover"];
/** Known by their shape: nobody told us of them. The part that must not be seen stands second. */
const SHAPED: [string, string][] = [
  ["Authorization: Bearer cnry06lapwing0123456789", "cnry06lapwing"], ["eyJjbnJ5MDciOiJhIn0xx.eyJjbnJ5MDciOiJkdW5saW4ifQ.cnry07sig", "cnry07sig"], ["sk-cnry08-curlew-0123456789", "cnry08"], ["pk_4711_cnry09avocet0123456789", "cnry09"],
  ["https://ann:cnry10whimbrel@example.com/", "cnry10"], ["AKIACNRY11REDSHANK01", "CNRY11REDSHANK"], ["-----BEGIN PRIVATE KEY-----\ncnry12godwit\n-----END PRIVATE KEY-----", "cnry12"], ["ghp_cnry13sanderling0123456789", "cnry13"], ["Authorization: Basic Y25yeTE0OnJ1ZmY0NzExMTE=", "Y25yeTE0OnJ1ZmY0"],
];
const carried = values.flatMap((value) => [value, encodeURIComponent(value), Buffer.from(value).toString("base64").replace(/=+$/, ""), Buffer.from(value).toString("base64url"), Buffer.from(value).toString("hex"), JSON.stringify(value).slice(1, -1)]);
const ALL = [...new Set([...carried, ...SHAPED.map(([text]) => text), ...values.map((value) => Buffer.from(`user:${value}`).toString("base64"))])];
const escapes = (text: string) => { const once = JSON.stringify(text).slice(1, -1); const twice = JSON.stringify(once).slice(1, -1); return [once, twice, JSON.stringify(twice).slice(1, -1)]; };
/** As text and as JSON, once and twice over, would write them. */
const TELLTALE = [...new Set([...carried, ...SHAPED.map(([, part]) => part)].flatMap((text) => [text, ...escapes(text)]))];
const found = (text: string) => TELLTALE.filter((secret) => text.includes(secret));

let database: TestDatabase;
let worker: RunningWorker;
let provider: FakeProvider;
let sayings: string;
const told: string[] = [];
let stream = "";

beforeAll(async () => {
  for (const [name, value] of Object.entries(KNOWN)) vi.stubEnv(name, value);
  provider = await startFakeProvider();
  for (const [name, value] of Object.entries(provider.environment())) vi.stubEnv(name, value);
  sayings = join(await mkdtemp(join(tmpdir(), "canary-")), "sayings");
  const message = (of: Record<string, unknown>) => JSON.stringify({ penstock: of.kind, ...of, kind: undefined });
  const lines = ALL.flatMap((secret, n) => [
    secret, `prefix ${secret} suffix`, message({ kind: "log", line: secret, level: "warn" }), message({ kind: "step", name: `step ${n} ${secret}`.slice(0, 90), input: { a: [secret], [secret]: 1 }, output: secret, error: secret, errorClass: "E" }),
    message({ kind: "failed", item: `${n} ${secret}`, error: `it said ${secret}` }), message({ kind: "annotation", key: `canary-${n}`, value: secret }),
    message({ kind: "llm", provider: "there", model: "m", role: "r", subject: "s", system: secret, prompt: `p ${secret}`, response: secret, durationMs: 1 }),
  ]);
  writeFileSync(sayings, `${lines.join("\n")}\n${message({ kind: "result", output: { all: ALL } })}\n`);
  const everything = ALL.join(" \n ");
  PIPELINES.push(definePipeline("canary", {
    title: "Canary", description: "For tests",
    stages: [
      defineProgramStage("program", { title: "Program", cwd: tmpdir(), run: ["sh", "-c", 'cat "$1"; cat "$1" >&2; exit 3', "program", sayings], exclusive: () => null, manual: true }),
      defineProgramStage("ends", { title: "Ends", cwd: tmpdir(), run: ["cat", sayings], exclusive: () => null, manual: true }),
      defineStage("model", {
        title: "Model", description: "Asks", itemsName: "answers", rowsName: "answers", rows: async () => 0, waiting: async () => 0, exclusive: () => null,
        params: z.object({ note: z.string().default(""), apiKey: z.string().default("") }),
        plan: async function* () { yield wave([unit("only", {})]); },
        unit: async (ctx) => {
          await ctx.step("ask", { everything, list: ALL }, async () => {
            const { value } = await ctx.llm.generate({ role: "judge", subject: "x", system: everything, prompt: everything, schema: z.object({ said: z.string() }), local: () => ({ said: "" }) });
            return { ...value, map: Object.fromEntries(ALL.map((secret) => [secret, secret])) };
          });
          for (const secret of ALL) ctx.log(`I know ${secret}`);
          await ctx.about({ symbol: everything });
          await ctx.annotate("note", everything.slice(0, 200));
          await ctx.step("fail", null, async () => { throw new Error(`broken: ${everything}`, { cause: new Error(everything) }); }).catch((error: Error) => ctx.items.failed({ item: ALL[0] ?? "", error }));
          log.error(everything, { error: new Error(everything), deep: [{ everything }], [everything.slice(0, 30)]: ALL });
          throw new Error(everything);
        },
      }),
    ],
  }));
  database = await cloneDatabase();
  process.env.DATABASE_URL = database.url;
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => told.push(String(chunk)) > 0);
  const reader = (await openStream({ runId: null, lastEventId: null })).getReader();
  void (async () => { for (let part = await reader.read(); !part.done; part = await reader.read()) stream += new TextDecoder().decode(part.value); })();
  provider.behave(say({ said: everything }));
  worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  await worker?.stop();
  await closeAllStreams();
  await (globalThis as { penstockDb?: TestDatabase["db"] }).penstockDb?.$disconnect();
  await provider.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await database.drop();
});

test(`${ALL.length} forms of secrets through programs, models, errors, logs, parameters and schedules: none is kept, told or exported`, async () => {
  const runIds: number[] = [];
  for (const [stage, params] of [["program", {}], ["ends", {}], ["model", { note: values[0], apiKey: "cnry-01-quill/heron" }]] as const) {
    runIds.push((await triggerRun(database.ctx, { pipeline: "canary", stage, params })).runId);
  }
  const { id: scheduleId } = await createSchedule(database.ctx, { name: "Nightly canary", pipeline: "canary", stage: "model", params: { note: `the word is ${values[1]}`, apiKey: values[2] ?? "" }, cron: "0 3 * * *" });
  runIds.push(...(await runScheduleNow(database.ctx, { id: scheduleId })).runIds);
  await saveSchedule(database.ctx, { id: scheduleId, name: "Nightly canary", pipeline: "canary", stage: "model", params: { note: values[3] ?? "" }, cron: "0 4 * * *" });
  await waitFor("the runs to end", async () => (await database.db.run.count({ where: { completedAt: { not: null } } })) === runIds.length, 120_000);
  await waitFor("the stream to tell of it", async () => stream.includes("run.failed"));

  const tables = await database.db.$queryRaw<{ name: string }[]>`select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const kept = new Map<string, string[]>();
  let bytes = 0;
  for (const { name } of tables) {
    // Parameters are kept as they were given: the work goes by them. They are hidden where they are shown.
    const rows = await database.db.$queryRawUnsafe<{ row: string }[]>(`select (to_jsonb(t) ${/^(public\.)?(runs|schedules)$/.test(name) ? "- 'params'" : ""})::text as row from ${name} t`);
    const text = rows.map(({ row }) => row).join("\n");
    bytes += text.length;
    if (found(text).length > 0) kept.set(name, found(text));
  }
  expect(Object.fromEntries(kept)).toEqual({});
  expect(bytes).toBeGreaterThan(100_000);
  expect(found(stream)).toEqual([]);
  expect(told.join("")).toContain("[redacted]");
  expect(found(told.join(""))).toEqual([]);

  const shown = await Promise.all([...runIds.map((runId) => getRun(database.ctx, runId)), getSchedule(database.ctx, scheduleId)]);
  expect(found(JSON.stringify(shown, (_, value) => (typeof value === "bigint" ? String(value) : value)))).toEqual([]);
  for (const format of ["csv", "ndjson"] as const) {
    let text = "";
    for await (const chunk of encodeRows(readRuns(database.ctx, readRunsFilter(new URLSearchParams()).filter), format)) text += Buffer.from(chunk).toString();
    expect(text.length).toBeGreaterThan(100);
    expect(found(text)).toEqual([]);
  }
});
