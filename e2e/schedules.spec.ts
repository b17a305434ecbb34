/** What the clock starts: made by hand, seen to fire, paused, run now, deleted. */
import { expect, expectAccessible, expectFitInLightAndDark, note, noted, open, stage, test } from "./fixtures.ts";

const item = (page: import("@playwright/test").Page, name: string) => page.getByRole("list", { name: "Schedules" }).getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

test("the form says what an expression means while it is written, in two zones, and what is wrong with it", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/schedules$/);
  await page.getByRole("link", { name: "Add a schedule" }).first().click();
  await expect(page.getByLabel("Time zone")).toHaveValue("Europe/Berlin");

  await page.getByLabel("When", { exact: true }).fill("30 6 * * 1-5");
  await page.getByLabel("Time zone").fill("America/New_York");
  await expect(page.getByRole("heading", { name: "At 06:30, Monday through Friday" })).toBeVisible();
  const slots = page.getByRole("main").getByRole("listitem").filter({ hasText: "06:30:00 UTC-" });
  await expect(slots).toHaveCount(5);
  await expect(slots.first()).toContainText(/here \d{4}-\d\d-\d\d 1[12]:30:00 UTC\+[12]/);

  await page.getByLabel("When", { exact: true }).fill("0 0 30 2 *");
  await expect(page.getByText("It never fires: no such date comes.")).toBeVisible();
  await page.getByRole("button", { name: "Add the schedule" }).click();
  await expect(page.getByText("Give it a name.")).toBeVisible();
  await expectAccessible(page);
});

test("one of every ten seconds fires by itself, and its page tells of each slot", async ({ page, request }) => {
  const { data: there } = await (await request.get("/api/v1/schedules")).json();
  for (const { id, name } of there) if (name === "Ten seconds") await request.delete(`/api/v1/schedules/${id}`);
  await open(page, "/schedules/new");
  await page.getByLabel("Name").fill("Ten seconds");
  await page.getByLabel("What it runs").selectOption("mail/metadata");
  await page.getByLabel("When", { exact: true }).fill("*/10 * * * * *");
  await page.getByLabel("Batch size").fill("9");
  await page.getByRole("button", { name: "Add the schedule" }).click();
  await expect(page.getByText(/^Batch size.*|>=10/).first()).toBeVisible();
  await expect(page.getByLabel("Batch size")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Batch size").fill("20");
  await page.getByLabel("When the stage is still busy").selectOption("join");
  await page.getByLabel("Priority").selectOption("normal");
  await page.getByRole("button", { name: "Add the schedule" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Ten seconds" })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "Join the run that goes on" })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "Normal: by people" })).toBeVisible();
  note("schedule", new URL(page.url()).pathname);

  const slots = page.getByRole("list", { name: "Slots" }).getByRole("listitem");
  await expect(slots.filter({ hasText: /#\d+\s*(completed|skipped)/ }).nth(1)).toBeVisible({ timeout: 45_000 });
  const times = await slots.evaluateAll((rows) => rows.map((row) => /\d\d:\d\d:\d0 UTC/.exec(row.textContent ?? "")?.[0]));
  expect(new Set(times).size).toBe(times.length);
  await slots.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  await expect(page.getByRole("main").getByText("Ten seconds").first()).toBeVisible();
});

test("Pipeline Control says when a stage comes next; paused it does not", async ({ page }) => {
  await open(page, "/control");
  await expect(stage(page, "metadata").getByRole("link", { name: "Ten seconds" })).toBeVisible();
  await open(page, "/schedules");
  await page.getByRole("button", { name: "Pause Ten seconds" }).click();
  await expect(item(page, "Ten seconds")).toContainText("Nothing while it is paused.");
  await expect(page.getByRole("button", { name: "Resume Ten seconds" })).toBeVisible();
  await open(page, "/control");
  await expect(stage(page, "metadata").getByRole("link", { name: "Ten seconds" })).toHaveCount(0);
});

test("run now starts it beside its clock, in one's own name", async ({ page }) => {
  await open(page, "/schedules");
  await page.getByRole("button", { name: "Run now: Ten seconds" }).click();
  await expect(item(page, "Ten seconds").getByText(/Run #\d+ accepted/)).toBeVisible();
  await page.goto(noted("schedule"));
  await expect(page.getByRole("list", { name: "Slots" }).getByText("Run now by Admin").first()).toBeVisible();
});

test("changed in two tabs, the second is told; the slots ahead open under the next one", async ({ page, context }) => {
  await open(page, `${noted("schedule")}#change`);
  await page.getByLabel("When", { exact: true }).fill("@hourly");
  const other = await context.newPage();
  await open(other, noted("schedule"));
  await other.getByLabel("Paused").uncheck();
  await other.getByLabel("When", { exact: true }).fill("0 3 * * *");
  await other.getByRole("button", { name: "Save the schedule" }).click();
  await expect(other.getByText("At 03:00 in Europe/Berlin")).toBeVisible();
  await other.close();
  await page.getByRole("button", { name: "Save the schedule" }).click();
  await expect(page.getByRole("alert").filter({ hasText: 'Admin has changed "Ten seconds" since you opened it' })).toBeVisible();

  await open(page, "/schedules");
  await item(page, "Ten seconds").locator("summary").click();
  await expect(item(page, "Ten seconds").getByRole("group").getByRole("listitem")).toHaveCount(5);
  await expectAccessible(page);
});

for (const width of [1440, 390]) {
  test(`the pages fit and are accessible at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    for (const path of ["/schedules", "/schedules/new", noted("schedule"), `${noted("schedule")}?before=2020-01-01T00:00:00Z`, "/schedules/999999", "/control"]) {
      await page.goto(path);
      await expect(page.getByRole("heading").first()).toBeVisible();
      await expectFitInLightAndDark(page);
    }
  });
}

test("deleting it says what goes, and goes back to the list", async ({ page }) => {
  await open(page, noted("schedule"));
  await page.getByRole("button", { name: "Delete Ten seconds" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Its runs stay.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Delete the schedule" }).click();
  await expect(page).toHaveURL(/\/schedules$/);
  await expect(item(page, "Ten seconds")).toHaveCount(0);
  await page.goto(noted("schedule"));
  await expect(page.getByRole("heading", { name: "There is no such schedule" })).toBeVisible();
});
