/** Looking around in made-up runs: the empty dashboard is filled, read and emptied again. Leaves the home as it found it. */
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from "./fixtures.ts";

test.afterEach(async ({ page }) => {
  await page.goto("/");
  const remove = page.getByRole("button", { name: "Remove demo data" });
  if (!(await remove.isVisible())) return;
  await remove.click();
  await page.getByRole("dialog").getByRole("button", { name: /^Remove .* demo runs$/ }).click();
  await expect(remove).toBeHidden();
});

test("an empty home is filled with demo data, says so, and is empty again", async ({ page }) => {
  await open(page, "/");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Fill with demo data" }).click();
  const banner = page.getByRole("region", { name: "Demo data" });
  await expect(banner).toContainText(/Demo data: 2\D?\d{3} runs/);
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(11);
  await expectAccessible(page);

  await page.goto("/runs?status=failed&stage=signal");
  await page.getByRole("table").getByRole("link", { name: /#\d+/ }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Demo");
  await expect(page.getByRole("region", { name: "Error", exact: true })).toBeVisible();
  await expectAccessible(page);

  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "/");
  await expectNoSidewaysScroll(page);
  await banner.getByRole("button", { name: "Remove demo data" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Real runs stay");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(banner).toBeVisible();
  await banner.getByRole("button", { name: "Remove demo data" }).click();
  await dialog.getByRole("button", { name: /^Remove .* demo runs$/ }).click();
  await expect(page.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible();
  await expect(dialog).toBeHidden();
});
