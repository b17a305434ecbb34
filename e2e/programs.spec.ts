/**
 * Stages that run programs: the samples in Python and shell, from Pipeline Control to their steps and their log. Pages and a
 * worker of their own, on the application's database: the application itself knows nothing of the samples.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, expectAccessible, expectNoSidewaysScroll, expectStatus, open, stage, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PORT = 4_312;
test.use({ baseURL: `http://127.0.0.1:${PORT}` });

const processes: ChildProcess[] = [];
test.beforeAll(async ({ playwright }) => {
  const env = { ...process.env, PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "", PORT: String(PORT), PENSTOCK_PIPELINES: "lib/pipelines/samples" };
  for (const command of ["web", "worker"]) processes.push(spawn(`${ROOT}/penstock`, [command], { cwd: ROOT, env, stdio: "ignore" }));
  const request = await playwright.request.newContext();
  await expect.poll(() => request.get(`http://127.0.0.1:${PORT}/readyz`).then((answer) => answer.status(), () => 0), { timeout: 60_000 }).toBe(200);
  await request.dispose();
});
test.afterAll(async () => {
  for (const child of processes) child.kill("SIGTERM");
  await expect.poll(() => processes.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null), { timeout: 40_000 }).toBe(true);
});

test("the Python sample: triggered from its form, its steps and what it found are on the run's page, its log is a file", async ({ page }) => {
  await open(page, "/control");
  const words = stage(page, "words");
  await expect(words).toContainText("python3 words.py");
  await expect(words).not.toContainText("rows");
  await expect(words).not.toContainText("waiting");
  await words.getByRole("button", { name: "Parameters" }).click();
  await words.getByLabel("Suffix").selectOption(".sh");
  await words.getByRole("button", { name: "Run words" }).click();
  await expectStatus(page, "words", "completed", 60_000);
  await expectAccessible(page);
  await words.getByRole("link", { name: /^#\d+ completed$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const main = page.getByRole("main");
  await expect(main).toContainText("count_file");
  await expect(main.getByRole("log")).toContainText(/Attempt 1 of run \d+: 1 files/);
  await expect(main).toContainText("commonest word");
  await expectAccessible(page);

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the log as text" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^run-\d+-log\.txt$/);
  expect(await readFile(await download.path(), "utf8")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}\[1\] Attempt 1 of run/m);
});

test("the shell sample: one unit a folder; one that is none fails with what it said, and is not tried again", async ({ page, request }) => {
  await open(page, "/control");
  const disk = stage(page, "disk");
  await disk.getByRole("button", { name: "Parameters" }).click();
  await disk.getByLabel("Folders").fill("/etc, /no/such/folder");
  await disk.getByRole("button", { name: "Run disk" }).click();
  await expectStatus(page, "disk", "partial", 60_000);
  await disk.getByRole("link", { name: /^#\d+ partial$/ }).click();
  const main = page.getByRole("main");
  await expect(main).toContainText("/no/such/folder is no folder");
  await expect(main).toContainText("10m 00s at most, 2m 00s a unit, 2 tries a unit");
  await expect(main).toContainText("measure");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);

  const runId = Number(/\/runs\/(\d+)/.exec(page.url())?.[1]);
  const units = (await (await request.get(`/api/v1/runs/${runId}/units`)).json()).data;
  expect(units.map(({ name, status, attempt }: { name: string; status: string; attempt: number }) => [name, status, attempt])).toEqual([["plan", "completed", 1], ["/etc", "completed", 1], ["/no/such/folder", "failed", 1]]);
  const log = await request.get(`/api/v1/runs/${runId}/logs?format=ndjson&unit=1`);
  expect(log.headers()["content-type"]).toContain("application/x-ndjson");
  expect((await log.text()).trim().split("\n").map((line) => JSON.parse(line).line)).toEqual(["Measuring /etc"]);
  expect((await request.get("/api/v1/runs/999999/logs?format=text")).status()).toBe(404);
  expect((await request.get(`/api/v1/runs/${runId}/logs?format=xml`)).status()).toBe(400);
});
