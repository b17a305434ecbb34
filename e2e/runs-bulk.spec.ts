/** Everything that matches, at once: taken away as a file, retried, cancelled. */
import { readFile } from "node:fs/promises";
import { expect, expectAccessible, expectFitInLightAndDark, expectNoSidewaysScroll, open, setModel, test } from "./fixtures.ts";

const letter = (name: string) => `From x@${name}.com Mon Nov  2 10:00:00 2026\nFrom: x@${name}.com\nSubject: ${name}\nMessage-ID: <bulk@${name}.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello from ${name}\n\n`;

test("the list as it is filtered becomes a file: the number is said before, and its rows are those of the list", async ({ page, request }) => {
  const imported = await request.post("/api/v1/pipelines/mail/stages/metadata/runs", { data: {} });
  expect(imported.ok()).toBe(true);
  await expect.poll(async () => (await (await request.get("/api/v1/runs?status=pending&status=running")).json()).data.length, { timeout: 30_000 }).toBe(0);
  await open(page, "/runs?stage=metadata");
  const { data: count } = await (await request.get("/api/v1/runs/count?stage=metadata")).json();
  expect(count.kind).toBe("exact");
  await page.getByRole("button", { name: "Export" }).click();
  await expect(page.getByText(count.value === 1 ? "1 run" : `${count.value} runs`, { exact: true })).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: /^CSV For spreadsheets/ }).click()]);
  expect(download.suggestedFilename()).toMatch(/^penstock-runs-\d{4}-\d\d-\d\d\.csv$/);
  const [header, ...rows] = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  expect(header?.split(",").slice(0, 4)).toEqual(["id", "stage", "pipeline", "status"]);
  expect(rows).toHaveLength(count.value);
  for (const row of rows) expect(row).toMatch(/^\d+,metadata,mail,/);
});

test("failed runs are filtered, looked at, retried together, and each says what became of it", async ({ page, request }) => {
  await setModel("refuse");
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "bulk.mbox", mimeType: "application/mbox", buffer: Buffer.from(letter("bulk-one")) });
  await expect(page.getByText("bulk.mbox: 1 new message")).toBeVisible();
  for (const stage of ["metadata", "content", "entities", "classify"]) {
    const { data } = await (await request.post(`/api/v1/pipelines/mail/stages/${stage}/runs`, { data: {} })).json();
    await expect.poll(async () => (await (await request.get(`/api/v1/runs/${data.runId}`)).json()).data.status, { timeout: 30_000 }).toMatch(/completed|skipped|failed/);
  }
  await setModel("sane");
  await open(page, "/runs?status=failed&stage=classify&handled=false");
  await page.getByRole("button", { name: "Act on all matching" }).click();
  const dialog = page.getByRole("dialog");
  const start = dialog.getByRole("button", { name: /^Retry \d+ runs?$/ });
  await expect(start).toBeEnabled();
  await expect(dialog.getByRole("list", { name: "Some of them" })).toContainText("mail / classify");
  await expectAccessible(page);
  await dialog.getByRole("radio", { name: "Cancel" }).check();
  await expect(dialog.getByText("No run that matches can be cancelled.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Cancel runs" })).toBeDisabled();
  await dialog.getByRole("radio", { name: "Retry" }).check();
  await dialog.getByLabel("Runs per second").fill("20");
  await start.click();
  await expect(page).toHaveURL(/\/runs\/bulk\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("completed", { timeout: 60_000 });
  const table = page.getByRole("table", { name: "Runs of this action" });
  await expect(table.getByRole("row").nth(1)).toContainText("done");
  await expect(table.getByRole("row").nth(1)).toContainText("completed", { timeout: 30_000 });
  await expectAccessible(page);
  await page.getByRole("navigation", { name: "Results" }).getByRole("link", { name: /^Failed/ }).click();
  await expect(page.getByText("none has this result")).toBeVisible();
  await page.getByRole("link", { name: "All bulk actions" }).click();
  await expect(page.getByRole("table", { name: "Bulk actions" }).getByRole("row").nth(1)).toContainText("Retry");
  await expectAccessible(page);
});

test("a request without a filter must say that it means every run, and an unknown word is refused with its path", async ({ request }) => {
  const whole = await request.post("/api/v1/bulk/preview", { data: { kind: "cancel" } });
  expect(whole.status()).toBe(422);
  expect((await whole.json()).errors[0].path).toBe("all");
  const odd = await request.post("/api/v1/bulk", { data: { kind: "cancel", status: "running", nonsense: 1 } });
  expect((await odd.json()).errors[0].path).toBe("nonsense");
  expect((await request.get("/api/v1/bulk/999999")).status()).toBe(404);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("nothing scrolls sideways, and axe finds nothing", async ({ page }) => {
    await open(page, "/runs/bulk");
    await expectNoSidewaysScroll(page);
    await page.getByRole("table").getByRole("link").first().click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Retry");
    await expectFitInLightAndDark(page);
    await open(page, "/runs?status=failed");
    await page.getByRole("button", { name: "Act on all matching" }).click();
    await expect(page.getByRole("dialog").getByText(/can be retried|will be retried/)).toBeVisible();
    await expectFitInLightAndDark(page);
  });
});
