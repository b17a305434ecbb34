import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { ROOT } from "#lib/root";
import { paramFields, parseParams } from "#lib/stages/rules";
import { pipelineOf } from "./declared.ts";
import { readDeclaredFiles } from "./declared-files.ts";

const folder = mkdtempSync(join(tmpdir(), "penstock-declared-"));
let files = 0;
const write = (text: string): string => {
  files += 1;
  const file = join(folder, `p${files}.yaml`);
  writeFileSync(file, text);
  return file;
};
/** Every fault as `line: path message`. */
function faultsOf(text: string): string[] {
  const file = write(text);
  try {
    readDeclaredFiles(file, ["mail"]);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("INVALID");
    expect(error.faults).toHaveLength(error.message.split("\n").length - 1);
    return error.message.split("\n").slice(1).map((line) => line.trim().replace(`${file}:`, ""));
  }
}

const GOOD = `pipeline: good
stages:
  - name: one
    run: [echo, hello]
    env: [API_KEY]
    exclusive: [symbol]
    subjects: [symbol, dryRun]
    units: { param: symbol }
    params:
      symbol: { type: text, default: "A, B" }
      count: { type: integer, min: 1, max: 9, default: 3, description: How many, title: Number }
      ratio: { type: number }
      dryRun: { type: boolean, default: true }
      mode: { type: choice, choices: [fast, slow] }
  - name: two
    needs: [one]
    run: [./run.sh]
    cwd: sub
    limit: 4
    onBusy: queue
    timeouts: { unit: 90s, run: 1.5h }
    retry: { attempts: 4, initial: 500ms, max: 10m, never: [ExitCode 2] }
    input: stdin
    manual: true
`;

test("a declaration becomes a pipeline like any other", async () => {
  const [file] = readDeclaredFiles(write(GOOD), ["mail"]);
  if (!file) throw new Error("It was not read");
  const pipeline = pipelineOf(file.declared, file.folder);
  expect(pipeline).toMatchObject({ name: "good", title: "Good", stages: [{ name: "one", title: "One", program: "echo hello", needs: [] }, { name: "two", needs: ["one"], manual: true, program: "./run.sh", limit: 4, onBusy: "queue", timeouts: { unitMs: 90_000, runMs: 5_400_000 }, retry: { attempts: 4, backoff: { initialMs: 500, maxMs: 600_000 }, never: ["ExitCode 2"] } }] });
  const [one] = pipeline.stages;
  if (!one) throw new Error("There is no stage");
  expect(paramFields(one.params)).toEqual([
    { name: "symbol", label: "Symbol", kind: "text", default: "A, B" },
    { name: "count", label: "Number", kind: "integer", default: 3, min: 1, max: 9, description: "How many" },
    { name: "ratio", label: "Ratio", kind: "number", default: null },
    { name: "dryRun", label: "Dry run", kind: "boolean", default: true },
    { name: "mode", label: "Mode", kind: "choice", default: null, choices: ["fast", "slow"] },
  ]);
  const params = parseParams(one, { symbol: "X" });
  expect(params).toEqual({ symbol: "X", count: 3, ratio: null, dryRun: true, mode: null });
  expect(one.exclusive?.(params)).toBe('good/one:["X"]');
  expect(one.subjects?.(params)).toEqual({ symbol: "X", dry_run: "true" });
  expect(() => parseParams(one, { symbol: "a\0b" })).toThrow(AppError);
  const planned: string[][] = [];
  for await (const units of one.plan({} as never, { symbol: "A, B B\nC" })) planned.push(units.map(({ name }) => name));
  expect(planned).toEqual([["A", "B", "C"]]);
});

test("the samples are right", () => {
  expect(readDeclaredFiles(join(ROOT, "lib/pipelines/samples"), []).map(({ declared }) => declared.stages.map(({ name }) => name))).toEqual([["words", "disk"]]);
});

test("files, folders and several of both; a name twice is told with both places", () => {
  const both = join(folder, "both");
  mkdirSync(both);
  writeFileSync(join(both, "b.yml"), GOOD);
  writeFileSync(join(both, "a.yaml"), `${GOOD.replace("pipeline: good", "pipeline: first")}---\n${GOOD.replace("pipeline: good", "pipeline: second")}`);
  writeFileSync(join(both, "notes.txt"), "no pipeline");
  const other = write(GOOD.replace("pipeline: good", "pipeline: other"));
  expect(readDeclaredFiles([both, other].join(delimiter), []).map(({ declared }) => declared.pipeline)).toEqual(["first", "second", "good", "other"]);
  expect(() => readDeclaredFiles([both, write(GOOD)].join(delimiter), [])).toThrow(`there is a pipeline "good" already, in ${join(both, "b.yml")}`);
  expect(() => readDeclaredFiles(write(GOOD.replace("pipeline: good", "pipeline: mail")), ["mail"])).toThrow('there is a pipeline "mail" already, in Penstock itself');
  expect(() => readDeclaredFiles("/no/such/file.yaml", [])).toThrow("/no/such/file.yaml: does not exist");
});

const stage = (lines: string) => `pipeline: p\nstages:\n  - name: s\n    run: [x]\n${lines.replace(/^/gm, "    ")}\n`;
const param = (text: string) => stage(`params:\n  a: { ${text} }`);

test.each([
  ["", "is empty"],
  ["just text", "1: "],
  ["pipeline: p\nstages: [", "2: "],
  ["pipeline: p\npipeline: q\nstages: []\n", "2: Map keys must be unique"],
  ["pipeline: p\n", "1: stages is missing"],
  ["pipeline: p\nstages: []\n", "2: stages must have a stage"],
  ["pipeline: P!\nstages:\n  - name: s\n    run: [x]\n", '1: pipeline must be a-z, 0-9 and "-"'],
  ["pipeline: p\nstages:\n  - name: s\n", "3: stages.0.run must be a list: the program, then its arguments"],
  ["pipeline: p\nstages:\n  - name: s\n    run: echo hello | sh\n", "4: stages.0.run must be a list: the program, then its arguments"],
  ["pipeline: p\nstages:\n  - name: s\n    run: []\n", "4: stages.0.run"],
  [stage("colour: blue"), "5: stages.0.colour is not known here"],
  [stage("needs: [other]"), '5: stages.0.needs.0 "other" is no earlier stage'],
  [stage("env: [HOME2, LD_PRELOAD]"), "5: stages.0.env.1 is refused: it lets others put code into the program"],
  [stage("env: [NODE_OPTIONS]"), "5: stages.0.env.0 is refused"],
  [stage("env: [PENSTOCK_UNIT]"), "5: stages.0.env.0 is given to every program anyway"],
  [stage("input: file"), "5: stages.0.input invalid option"],
  [stage("exclusive: [nothing]"), '5: stages.0.exclusive.0 "nothing" is no parameter of this stage'],
  [stage("subjects: [nothing]"), '5: stages.0.subjects.0 "nothing" is no parameter of this stage'],
  [stage("units: { param: nothing }"), '5: stages.0.units.param "nothing" is no parameter of this stage of type text or choice'],
  [stage("timeouts: { unit: soon }"), "5: stages.0.timeouts.unit must be a time from 1ms to 7d, such as 30s, 10m or 2h"],
  [stage("timeouts: { run: 60 }"), "5: stages.0.timeouts.run must be a time, such as 30s, 10m or 2h"],
  [stage("retry: { attempts: 0 }"), "5: stages.0.retry.attempts"],
  [stage("onBusy: wait"), "5: stages.0.onBusy invalid option"],
  [stage("units: 5"), "5: stages.0.units must be a list of names, or { param: name }"],
  [param("type: date"), "6: stages.0.params.a.type must be integer, number, boolean, text or choice"],
  [param("type: integer, default: x"), "6: stages.0.params.a.default invalid input: expected"],
  [param("type: integer, min: 5, max: 1"), "6: stages.0.params.a.min is more than max (1)"],
  [param("type: integer, max: 1, default: 2"), "6: stages.0.params.a.default is out of the bounds"],
  [param("type: text, max: 1, default: abc"), "6: stages.0.params.a.default is out of the bounds"],
  [param("type: choice"), "6: stages.0.params.a.choices"],
  [param("type: choice, choices: [a, b], default: c"), "6: stages.0.params.a.default is none of a, b"],
  [param("type: boolean, min: 1"), "6: stages.0.params.a.min is not known here"],
  [stage("params:\n  'a b': { type: text }"), "6: stages.0.params.a b must be letters, digits"],
])("%j is refused where the fault is", (text, fault) => {
  const faults = faultsOf(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test("every fault of every file is told at once", () => {
  const faults = faultsOf("pipeline: p\nstages:\n  - name: s\n    run: x\n    needs: [y]\n  - name: s\n    run: [z]\n    env: [LD_AUDIT]\n");
  expect(faults).toEqual([
    "4: stages.0.run must be a list: the program, then its arguments",
    "8: stages.1.env.0 is refused: it lets others put code into the program",
    '5: stages.0.needs.0 "y" is no earlier stage',
    '6: stages.1.name "s" is the name of an earlier stage',
  ]);
});

test("aliases that would grow without end are refused", () => {
  const levels = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array.from({ length: 9 }, () => `*l${level}`).join(", ")}]`);
  expect(faultsOf(`l0: &l0 [x]\n${levels.join("\n")}\n`)[0]).toMatch(/alias/i);
});
