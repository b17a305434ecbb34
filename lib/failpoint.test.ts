import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ROOT } from "#lib/root";
import { CELLS } from "#lib/testing/chaos/matrix";
import { ACT_FAILPOINTS, armFailpoints, armFromEnv, FAILPOINTS, failpoint, FailpointError, obey, parseFailpoints, UNIT_FAILPOINTS } from "./failpoint.ts";

afterEach(() => armFailpoints(null));

test("every failpoint that is declared is used, and none is used that is not declared", () => {
  const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "lib/**/*.ts", "app/**/*.ts"], { cwd: ROOT, encoding: "utf8" }).stdout.trim().split("\n");
  const used = files.filter((path) => !path.includes("testing/") && !path.includes(".test.") && path !== "lib/failpoint.ts").flatMap((path) => [...readFileSync(join(ROOT, path), "utf8").matchAll(/failpoint\("([^"]+)"/g)].map(([, name]) => name));
  // Where an act has two ways, as the end of a unit alone or with others, its points stand in both.
  expect([...new Set(used)].toSorted()).toEqual([...FAILPOINTS].toSorted());
});

test("the matrix has a death at each of them, for each kind of unit that comes there", () => {
  expect(new Set(CELLS.map(({ point }) => point))).toEqual(new Set(FAILPOINTS));
  for (const point of UNIT_FAILPOINTS) expect(CELLS.filter((cell) => cell.point === point).map(({ kind }) => kind)).toEqual(["plan", "work", "settle"]);
  for (const point of ACT_FAILPOINTS) expect(CELLS.filter((cell) => cell.point === point).map(({ kind }) => kind)).toEqual(["work", "settle"]);
});

test("an order is read whole, or refused with what there is", () => {
  expect(parseFailpoints("endUnit.committed=kill@3; step.acted/settle=sleep(2000)@1;claim.committed=throw;")).toMatchObject([
    { name: "endUnit.committed", kind: null, act: "kill", at: 3 }, { name: "step.acted", kind: "settle", act: "sleep", ms: 2000, at: 1 }, { name: "claim.committed", act: "throw", at: null },
  ]);
  expect(() => parseFailpoints("nowhere=kill")).toThrow('There is no failpoint "nowhere". There is: claim.committed');
  for (const bad of ["claim.committed", "claim.committed=die", "claim.committed=sleep", "claim.committed=kill@0", "claim.committed/other=kill", "=kill"]) expect(() => parseFailpoints(bad)).toThrow("is no failpoint");
});

test("outside of tests the variable is refused, and the process does not begin", () => {
  expect(() => armFromEnv({ PENSTOCK_FAILPOINTS: "claim.committed=kill" })).toThrow("PENSTOCK_FAILPOINTS is for tests");
  expect(() => armFromEnv({ PENSTOCK_FAILPOINTS: "claim.committed=kill", NODE_ENV: "production" })).toThrow("PENSTOCK_FAILPOINTS is for tests");
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/chaos/worker.ts"), "postgres://127.0.0.1:1/none"], { cwd: ROOT, encoding: "utf8", env: { ...process.env, NODE_ENV: "production", PENSTOCK_FAILPOINTS: "claim.committed=kill" } });
  expect(status).toBe(1);
  expect(stderr).toContain("PENSTOCK_FAILPOINTS is for tests");
  armFromEnv({});
  expect(failpoint("claim.committed")).toBeUndefined();
});

test("it does what was ordered: at the nth time, for units of that kind, and nothing else", async () => {
  armFailpoints(obey(parseFailpoints("step.acted/work=throw@2")));
  await failpoint("step.acted", "work");
  await failpoint("step.acted", "settle");
  await failpoint("step.begun", "work");
  await expect(failpoint("step.acted", "work")).rejects.toBeInstanceOf(FailpointError);
  await failpoint("step.acted", "work");
  armFailpoints(obey(parseFailpoints("step.acted=sleep(30)")));
  const startedAt = performance.now();
  await failpoint("step.acted", "work");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
});
