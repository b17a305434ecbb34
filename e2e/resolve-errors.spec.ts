/** The life of an error: it is found, resolved, comes back, is given a cause, and what failed with it is retried. Brings its own mail. */
import { expect, expectAccessible, expectFitInLightAndDark, expectStatus, note, noted, open, setModel, stage, test } from "./fixtures.ts";

const LETTERS = [1, 2, 3].map((n) => `From x@errors-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@errors-${n}.com\nSubject: Errors ${n}\nMessage-ID: <${n}@errors-${n}.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello ${n}\n\n`).join("");
const row = (page: import("@playwright/test").Page) => page.getByRole("table", { name: "Error groups" }).getByRole("row").filter({ hasText: "server error (500)" }).filter({ hasText: "classify" });

test("three senders fail alike: one error, with where, how often and since when", async ({ page }) => {
  await setModel("refuse");
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "errors.mbox", mimeType: "application/mbox", buffer: Buffer.from(LETTERS) });
  await expect(page.getByText("errors.mbox: 3 new messages")).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  await expectStatus(page, "classify", "failed", 60_000);

  await page.getByRole("navigation", { name: "Pages", exact: true }).getByRole("link", { name: "Errors" }).click();
  await expect(row(page)).toHaveCount(1);
  await expect(row(page).getByRole("img")).toHaveAccessibleName(/in the last 14 days, most on \d{4}-\d\d-\d\d/);
  await row(page).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("open");
  await expect(page.getByText("classify <name>")).toBeVisible();
  await expect(page.getByRole("region", { name: "Message", exact: true })).toContainText("The AI provider has a fault of its own");
  note("error", new URL(page.url()).pathname);
});

test("resolved, it leaves the open ones; failing again it comes back by itself, and says so", async ({ page, request }) => {
  await open(page, noted("error"));
  await page.getByRole("button", { name: "Resolve" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/\d+ failures in \d+ runs?/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Resolve the error" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("resolved");
  await page.goto("/errors?q=server+error");
  await expect(row(page)).toHaveCount(0);
  await page.goto("/errors?status=resolved");
  await expect(row(page)).toHaveCount(1);

  await open(page, "/control");
  await stage(page, "classify").getByRole("button", { name: "Run classify" }).click();
  await expect(stage(page, "classify").getByText(/Run #\d+ accepted/)).toBeVisible();
  await expect.poll(async () => (await (await request.get(`/api/v1${noted("error")}`)).json()).data).toMatchObject({ status: "open", regressions: 1 });
  await open(page, noted("error"));
  await expect(page.getByRole("heading", { level: 1 })).toContainText("came back");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("open");
});

test("a cause that is written down is told wherever the error is shown, until it is removed", async ({ page, request }) => {
  const { data: causes } = await (await request.get("/api/v1/errors/causes")).json();
  for (const { id, cause } of causes) if (cause === "The model has gone to lunch") await request.delete(`/api/v1/errors/causes/${id}`);
  await open(page, "/errors/causes?edit=new");
  await page.getByRole("button", { name: "Add the cause" }).click();
  await expect(page.getByText("At least 3 characters, or it fits everything.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Look for").fill("server error * model is away");
  await page.getByLabel("As", { exact: true }).selectOption({ label: "A pattern in which * is any text" });
  await page.getByLabel("Where", { exact: true }).selectOption("mail/classify");
  await page.getByLabel("The cause", { exact: true }).fill("The model has gone to lunch");
  await page.getByLabel("What to do").fill("Wait for it to come back");
  await page.getByRole("button", { name: "Add the cause" }).click();
  await expect(page.getByRole("heading", { name: "The model has gone to lunch" })).toBeVisible();
  await page.goto(noted("error"));
  await expect(page.getByRole("region", { name: "Message", exact: true })).toContainText("Wait for it to come back");
  // Of the runs that met it, one whose own first error it was: in others the model had been left alone before.
  const { data: runs } = await (await request.get(`/api/v1${noted("error")}/runs`)).json();
  const first = [];
  for (const { id } of runs) if (/model is away/.test((await (await request.get(`/api/v1/runs/${id}`)).json()).data.errorMessage)) first.push(id);
  await page.getByRole("table", { name: "Affected runs" }).getByRole("link", { name: `#${first[0]}`, exact: true }).click();
  await expect(page.getByText("The model has gone to lunch")).toBeVisible();
  await open(page, "/errors/causes");
  await page.getByRole("button", { name: "Remove The model has gone to lunch" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the cause" }).click();
  await expect(page.getByText("The model has gone to lunch")).toHaveCount(0);
});

for (const width of [1440, 390]) {
  test(`the pages fit and are accessible at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    for (const path of ["/errors", "/errors?status=ignored", "/errors?q=zzz-nothing", "/errors?status=all&sort=count", noted("error"), "/errors/causes", "/errors/999999"]) {
      await page.goto(path);
      await expect(page.getByRole("heading").first()).toBeVisible();
      await expectFitInLightAndDark(page);
    }
  });
}

test("by keys: g e goes there, j walks the rows, Enter opens one; sort and search are in the address", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/\/errors$/);
  await expect(row(page)).toHaveCount(1);
  await page.getByRole("columnheader", { name: "Count" }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=count/);
  await page.getByRole("searchbox", { name: "Search errors" }).fill("server error (500)");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/sort=count.*q=server|q=server.*sort=count/);
  await page.getByRole("searchbox", { name: "Search errors" }).blur();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/errors\/\d+$/);
});

test("the runs that failed with it are retried, and it says what became of each", async ({ page }) => {
  await setModel("sane");
  await open(page, noted("error"));
  await page.getByRole("button", { name: /^Retry \d+ runs?$/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Retry the runs" }).click();
  await expect(dialog.getByText(/is retried as #\d+/).first()).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("completed", { timeout: 30_000 });
});
