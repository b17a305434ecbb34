/** A month of made-up runs under the fingers: the dashboard's figures lead into the table, and the table is searched, cut, kept and walked. */
import type { Browser } from "@playwright/test";
import { expect, expectAccessible, expectFitInLightAndDark, open, test } from "./fixtures.ts";

const onDashboard = async (browser: Browser, act: (page: import("@playwright/test").Page) => Promise<void>) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, "/");
  await act(page);
  await context.close();
};

test.beforeAll(({ browser }) => {
  test.setTimeout(180_000);
  return onDashboard(browser, async (page) => {
    await expectAccessible(page);
    await page.getByRole("button", { name: "Fill with demo data" }).click();
    await expect(page.getByRole("region", { name: "Demo data" })).toBeVisible({ timeout: 60_000 });
  });
});
test.afterAll(({ browser }) =>
  onDashboard(browser, async (page) => {
    const banner = page.getByRole("region", { name: "Demo data" });
    await banner.getByRole("button", { name: "Remove demo data" }).click();
    await expect(page.getByRole("dialog")).toContainText("Real runs stay");
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    await expect(banner).toBeVisible();
    await banner.getByRole("button", { name: "Remove demo data" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^Remove .* demo runs$/ }).click();
    await expect(page.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible({ timeout: 60_000 });
  }),
);

const rows = "table[aria-label=Runs] tbody tr";

test("figures obey the filter bar and lead to the runs they are made of", async ({ page, request }) => {
  await open(page, "/");
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures.getByRole("link", { name: /^Runs: 2\D?\d{3}/ })).toBeVisible();
  await page.getByRole("button", { name: "Stage", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: /^classify/ }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/stage=classify/);
  const { data } = await (await request.get("/api/v1/runs/stats?stage=classify")).json();
  await expect(figures.getByRole("link", { name: `Runs: ${data.total}.` })).toBeVisible();
  await expect(page.getByRole("region", { name: "Health of the stages" }).getByRole("row")).toHaveCount(2);
  await figures.getByRole("link", { name: /^failed/ }).last().click();
  await expect(page).toHaveURL(/\/runs\?stage=classify&status=failed/);
  await expect(page.locator(rows)).toHaveCount(Math.min(50, data.counts.failed));
});

test("a made-up run says that it is one", async ({ page }) => {
  await open(page, "/runs?status=failed&stage=signal");
  await page.locator(rows).first().getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Demo");
  await expect(page.getByRole("region", { name: "Error", exact: true })).toBeVisible();
  await expectAccessible(page);
});

test("the chart says itself in words and as a table, and a drag over it narrows the time", async ({ page }) => {
  await open(page, "/");
  const chart = page.getByRole("region", { name: "Runs over time" }).first();
  await expect(chart.getByText(/runs, \d+ failed; most/)).toBeVisible();
  await chart.getByRole("button", { name: "Show as table" }).click();
  await expect(chart.getByRole("columnheader", { name: "completed" })).toBeVisible();
  await expectAccessible(page);
  await chart.getByRole("button", { name: "Show as chart" }).click();
  const box = await chart.locator("[data-part=bars]").boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/created=20\d\d-.*\.\.20\d\d-/);
  await expect(page.getByRole("link", { name: /^Created from .*remove this filter$/ })).toBeVisible();
});

test("a part of the address that cannot be read is named, the rest is obeyed", async ({ page }) => {
  await open(page, "/runs?status=failed&status=bogus&started=yesterday&utm_source=x&limit=100");
  await expect(page.getByText(/could not be read and was left out: status is one of .*; started is a length of time/)).toBeVisible();
  await expect(page.getByRole("link", { name: /^Status failed\W+remove this filter$/ })).toBeVisible();
  await expect(page.getByText("utm_source")).toHaveCount(0);
});

test("values are asked for, kept out, counted; the filter is taken along as a command", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "/runs?created=30d");
  await page.getByRole("button", { name: "Status", exact: true }).click();
  const failed = page.getByRole("menuitemcheckbox", { name: /^failed\s*\d+$/ });
  await expect(failed).toBeVisible();
  await failed.click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Stage", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: "Leave out signal" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: /^Stage not signal\W+remove this filter$/ })).toBeVisible();
  await expect(page.locator(`${rows}`, { hasText: "signal" })).toHaveCount(0);
  await page.getByRole("button", { name: "Copy as" }).click();
  await page.getByRole("menuitem", { name: "./penstock command" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("./penstock runs ls --created 30d --status failed --not stage=signal");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Field").selectOption("Duration");
  await page.getByRole("textbox", { name: "Value" }).fill("soon");
  await page.getByRole("dialog").getByRole("button", { name: "Add filter" }).click();
  await expect(page.getByText("This is a duration such as 30s..5m")).toBeVisible();
  await page.getByRole("textbox", { name: "Value" }).fill("10s..");
  await page.getByRole("dialog").getByRole("button", { name: "Add filter" }).click();
  await expect(page).toHaveURL(/duration=10s\.\./);
  await page.getByRole("link", { name: /^Status failed\W+remove this filter$/ }).click();
  await expect(page).not.toHaveURL(/status=/);
});

test("columns, density and a saved view stay with the person", async ({ page }) => {
  await open(page, "/runs");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "About" }).check();
  await page.getByRole("checkbox", { name: "Triggered by" }).uncheck();
  await page.getByRole("radio", { name: "comfortable" }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("columnheader", { name: "About" })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Triggered by" })).toHaveCount(0);
  await page.goto("/runs?sort=-duration");
  await expect(page.getByRole("columnheader", { name: "About" })).toBeVisible();
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view …" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Slowest");
  await page.getByRole("checkbox", { name: "Show it when I open Runs" }).check();
  await page.getByRole("button", { name: "Save view" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.goto("/runs");
  await expect(page).toHaveURL(/sort=-duration/);
  await page.getByRole("button", { name: "Slowest" }).click();
  await page.getByRole("menuitem", { name: "Delete “Slowest”" }).click();
  await expect(page.getByRole("button", { name: "Views" })).toBeVisible();
  await page.goto("/runs");
  await expect(page).toHaveURL(/\/runs$/);
});

test("by keyboard: walk, look into, pick, go anywhere; back returns to the same place", async ({ page }) => {
  await open(page, "/runs?status=failed");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const second = await page.locator(rows).nth(1).getAttribute("data-run");
  await page.keyboard.press("o");
  const peek = page.getByRole("complementary", { name: `Run ${second}` });
  await expect(peek.getByText("failed", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await peek.getByRole("button", { name: "Next run" }).click();
  await expect(page).toHaveURL(new RegExp(`peek=${await page.locator(rows).nth(2).getAttribute("data-run")}`));
  await page.keyboard.press("Escape");
  await expect(peek).toHaveCount(0);
  await page.locator(rows).nth(1).getByRole("link").focus();
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await expect(page.getByText("2 runs picked")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Show only these" }).click();
  await expect(page.locator(rows)).toHaveCount(2);
  await page.locator(rows).first().getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page.locator(rows)).toHaveCount(2);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Where to" }).fill("errors");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/errors/);
});

test("pages: sizes, both ways, and a jump to a time", async ({ page }) => {
  await open(page, "/runs");
  const first = await page.locator(rows).first().getAttribute("data-run");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page.locator(rows).first()).not.toHaveAttribute("data-run", first ?? "");
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(page.locator(rows).first()).toHaveAttribute("data-run", first ?? "");
  await page.getByRole("combobox", { name: "Runs on a page" }).selectOption("500 a page");
  await expect(page.locator(rows)).toHaveCount(500);
  await page.getByRole("button", { name: "Jump to time" }).click();
  const at = new Date(Date.now() - 10 * 86_400_000);
  await page.getByLabel("Time", { exact: true }).fill(at.toISOString().slice(0, 19));
  await page.getByRole("button", { name: "Jump", exact: true }).click();
  await expect(page).toHaveURL(/cursor=/);
  // The rows follow the address; weekends are quiet.
  await expect.poll(async () => Math.abs(Date.parse((await page.locator(`${rows} time`).first().getAttribute("datetime")) ?? "") - at.getTime())).toBeLessThan(3 * 86_400_000);
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });
    test("the full dashboard and table fit and are accessible", async ({ page }) => {
      for (const path of ["/", "/?created=7d&status=failed", "/?stage=nothing", "/runs?not.status=completed&created=30d", "/runs?q=nothing-like-this"]) {
        await open(page, path);
        await expectFitInLightAndDark(page);
      }
    });
  });
}
