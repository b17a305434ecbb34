/** Workers: who is there and what they hold, draining one; and a run that is pinned. Starts a worker of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, expectAccessible, expectFitInLightAndDark, open, stage, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LETTERS = Array.from({ length: 3 }, (_, n) => `From x@workers-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@workers-${n}.com\nSubject: Workers ${n}\nMessage-ID: <${n}@workers.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello ${n}\n\n`).join("");

let second: ChildProcess;
test.beforeAll(() => {
  // Beside the one of the application, on the same embedded database.
  second = spawn(`${ROOT}/penstock`, ["worker"], { cwd: ROOT, env: { ...process.env, PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "" }, stdio: "ignore" });
});
test.afterAll(() => {
  second.kill("SIGTERM");
});

test("workers are told with what they can do; a drained one stops and says who did it", async ({ page, request }) => {
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await expect(page).toHaveURL(/\/workers$/);
  const cards = page.getByRole("main").getByRole("listitem").filter({ has: page.getByRole("heading", { level: 2 }) });
  await expect(cards).toHaveCount(2);
  const card = cards.filter({ hasText: String(second.pid) });
  await expect(card).toContainText("alive");
  await expect(card).toContainText("0 of 4 units");
  await card.getByText(/^\d+ stages of/).click();
  await expect(card).toContainText("metadata, content");
  await card.getByRole("button", { name: "Drain worker" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("It takes nothing new from now on.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: /^Drain worker \d+$/ }).click();
  await expect(cards).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Stopped in the last day" })).toContainText("It was drained by Admin");
  await expect.poll(() => second.exitCode).toBe(0);
  const { data } = await (await request.get("/api/v1/workers")).json();
  const stopped = data.find(({ stopReason }: { stopReason: string | null }) => stopReason?.startsWith("It was drained"));
  expect((await request.post(`/api/v1/workers/${stopped.id}/drain`)).status()).toBe(409);
  expect((await request.post("/api/v1/workers/999999/drain")).status()).toBe(404);
});

test("a run is pinned and let go again; the feed tells", async ({ page }) => {
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "workers.mbox", mimeType: "application/mbox", buffer: Buffer.from(LETTERS) });
  await expect(page.getByText("workers.mbox: 3 new messages")).toBeVisible();
  await stage(page, "metadata").getByRole("button", { name: "Run metadata" }).click();
  await stage(page, "metadata").getByRole("link", { name: /^#\d+ completed$/ }).click();
  await page.getByRole("button", { name: "Pin run" }).click();
  await expect(page.getByText(/Pinned .* by Admin: retention leaves it alone\./)).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  await page.getByRole("button", { name: "Unpin run" }).click();
  await expect(page.getByText(/Pinned .* by Admin/)).toHaveCount(0);
  await open(page, "/");
  await expect(page.getByRole("list", { name: "Activity" })).toContainText("Admin unpinned metadata");
});

test("monitoring is answered", async ({ request }) => {
  expect(await (await request.get("/healthz")).json()).toMatchObject({ status: "alive" });
  expect(await (await request.get("/readyz")).json()).toMatchObject({ status: "ready", reasons: [] });
  const metrics = await (await request.get("/metrics")).text();
  for (const line of [/^app_workers\{state="alive"\} [1-9]/m, /^app_runs_total\{pipeline="mail",status="completed"\} [1-9]/m, /^app_http_request_duration_seconds_count\{route="\/readyz",method="GET",code="200"\} [1-9]/m, /^app_database_up 1$/m]) expect(metrics).toMatch(line);
});

for (const width of [1440, 390]) {
  test(`the page fits and is accessible at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    await page.goto("/workers");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Workers");
    await expectFitInLightAndDark(page);
  });
}

test("from a phone the page is reached from Control", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "/control");
  await page.getByRole("main").getByRole("link", { name: "Workers" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Workers");
});
