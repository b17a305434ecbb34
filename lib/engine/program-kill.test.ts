/** Real worker processes that die, and values that would like to be more than values. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { programs } from "#lib/testing/programs";
import { waitFor } from "#lib/testing/wait";
import { argsOf } from "./program-unit.ts";
import { runProgram } from "./program-process.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(programs);
  database = await cloneDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database.drop();
});

async function startWorker(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  await once(child.stdout, "data");
  return child;
}

/** Gone, or a zombie that only waits for its parent. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat === null || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

test.runIf(process.platform === "linux")("a killed worker takes its programs with it, whole families, within 2 s; another worker runs the unit anew", async () => {
  for (let round = 0; round < 3; round += 1) {
    const worker = await startWorker();
    const { runId } = await triggerRun(database.ctx, { pipeline: "programs", stage: "family", params: {} });
    const pids = await waitFor("the family", async () => {
      const lines = await database.db.runLog.findMany({ where: { runId }, select: { line: true } });
      const found = lines.flatMap(({ line }) => /^pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
      return found.length >= 3 && found;
    }, 30_000);
    expect(await Promise.all(pids.map(isGone))).toEqual(pids.map(() => false));
    const killedAt = performance.now();
    worker.kill("SIGKILL");
    await waitFor("no survivor", async () => (await Promise.all(pids.map(isGone))).every(Boolean), 2_000);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    if (round > 0) continue;
    const other = await startWorker();
    await waitFor("a second attempt", async () => (await database.db.runUnit.findFirst({ where: { runId, kind: "work" } }))?.attempt === 2, 30_000);
    await waitFor("its family", async () => (await database.db.runLog.count({ where: { runId, line: { startsWith: "pid " } } })) >= 6, 30_000);
    other.kill("SIGKILL");
  }
}, 120_000);

/** Each would make a file named like its marker if any shell, option parser or loader took it for more than text. */
function hostileValues(folder: string): string[] {
  const touch = (n: number) => `touch ${folder}/marker-${n}`;
  const shapes: ((n: number) => string)[] = [
    (n) => `; ${touch(n)}`, (n) => `$(${touch(n)})`, (n) => `\`${touch(n)}\``, (n) => `| ${touch(n)}`, (n) => `&& ${touch(n)}`, (n) => `|| ${touch(n)}`, (n) => `& ${touch(n)} &`, (n) => `\n${touch(n)}\n`, (n) => `'; ${touch(n)} #`, (n) => `"; ${touch(n)} #`,
    (n) => `> ${folder}/marker-${n}`, (n) => `>(${touch(n)})`, (n) => `<(${touch(n)})`, (n) => `\${x:=$(${touch(n)})}`, (n) => `\\$(${touch(n)})`, (n) => `-rf ; ${touch(n)}`, (n) => `--flag\n${touch(n)}`, (n) => `\u2028${touch(n)}`, (n) => `\r\n${touch(n)}`, (n) => `')); ${touch(n)}; ((`,
    (n) => `-c ${touch(n)}`, (n) => `--eval=${touch(n)}`, (n) => `-exec ${touch(n)} ;`, (n) => `%0a${touch(n)}`, (n) => `{{${touch(n)}}}`, (n) => `$((${touch(n)}))`, (n) => `a[$(${touch(n)})]`, (n) => `\x1b]0;${touch(n)}\x07`, (n) => `{${touch(n)};}`, (n) => `!${touch(n)}`,
    (n) => `LD_PRELOAD=${folder}/marker-${n}`, (n) => `NODE_OPTIONS=--require=${folder}/marker-${n}`, (n) => `~/../..${folder}/marker-${n}`, (n) => `*; ${touch(n)}`,
  ];
  return Array.from({ length: 100 }, (_, n) => (shapes[n % shapes.length] as (n: number) => string)(n) + (n >= shapes.length ? ` ${"-".repeat(n % 7)}é🙂` : ""));
}

test("100 hostile values stay values: nothing is made, and each arrives as it was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "penstock-hostile-"));
  const values = hostileValues(folder);
  expect(new Set(values).size).toBe(100);
  for (const text of values) {
    const said: Buffer[] = [];
    const end = await runProgram({
      argv: ["sh", "-c", 'for a in "$@"; do printf "%s" "$a" | od -An -v -tx1 | tr -d " \\n"; echo; done', "hostile", ...argsOf({ text, n: 1 })],
      cwd: folder,
      env: { PATH: process.env.PATH ?? "" },
      stdin: null,
      signal: new AbortController().signal,
      onLines: async (_, lines) => { for (const { bytes } of lines) said.push(Buffer.from(bytes)); },
    });
    expect(end).toEqual({ code: 0, signal: null });
    expect(said.map((line) => Buffer.from(line.toString(), "hex").toString())).toEqual([`--text=${text}`, "--n=1"]);
  }
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test("a NUL cannot be handed to a program, and says so; too much for a command line as well", async () => {
  const run = (text: string) => runProgram({ argv: ["true", ...argsOf({ text })], cwd: "/", env: { PATH: process.env.PATH ?? "" }, stdin: null, signal: new AbortController().signal, onLines: async () => {} });
  await expect(run("a\0b")).rejects.toMatchObject({ name: "ProgramNotStarted" });
  await expect(run("x".repeat(200_000))).rejects.toMatchObject({ name: "ProgramNotStarted", message: expect.stringContaining("input: stdin") });
});
