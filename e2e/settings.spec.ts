/** Settings: what may be set is set and written down, the audit log tells it, and its chain holds. */
import { expect, expectAccessible, expectFitInLightAndDark, open, test } from "./fixtures.ts";

const PAGES = ["roles", "retention", "prices", "causes", "audit", "about"];

test("retention is changed, told with who did it, and stands in the audit log with before and after", async ({ page, request }) => {
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press(",");
  await expect(page).toHaveURL(/\/settings\/account$/);
  await open(page, "/settings/roles");
  await page.getByRole("navigation", { name: "Parts of the settings" }).getByRole("link", { name: "Retention" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Retention" })).toBeVisible();
  const days = page.getByLabel("Audit log", { exact: true });
  await expect(days).toHaveValue("365");
  await days.fill("");
  await page.getByRole("button", { name: "Save the days" }).click();
  await expect(page.getByText("must be a number of days")).toBeVisible();
  await days.fill("400");
  await page.getByRole("button", { name: "Save the days" }).click();
  await expect(page.getByText(/Changed .* by .*; 365 is usual/)).toBeVisible();
  await page.getByRole("button", { name: "Prune now …" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove what is old enough?" });
  await expect(dialog).toContainText("Runs to delete: 0");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Keep it" }).click();

  await open(page, "/settings/audit?action=settings.change");
  const row = page.getByRole("table", { name: "Audit log" }).getByRole("row").nth(1);
  await expect(row).toContainText("settings.change");
  await expect(row).toContainText("auditDays:");
  await expect(row).toContainText("365");
  await expect(row).toContainText("400");
  const { data } = await (await request.get("/api/v1/audit?action=settings.change&limit=1")).json();
  expect(data).toMatchObject([{ object: "settings", before: { auditDays: 365 }, after: { auditDays: 400 } }]);
  const file = await request.get("/api/v1/audit/export?format=csv&action=settings.change");
  expect(file.headers()["content-disposition"]).toContain("penstock-audit-");
  expect((await file.text()).split("\r\n")[0]).toContain("id,at,actorKind,actor");
});

test("the chain is checked by hand and by the API; a filter that finds nothing says so", async ({ page, request }) => {
  await open(page, "/settings/audit");
  await page.getByRole("button", { name: "Check the chain" }).click();
  await expect(page.getByText(/^The chain holds/)).toBeVisible();
  const { data } = await (await request.get("/api/v1/audit/verify")).json();
  expect(data).toMatchObject({ holds: true, fault: null });
  await page.getByRole("searchbox", { name: "Text" }).fill("nothing-like-this-was-done");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("heading", { name: "No entry matches" })).toBeVisible();
  await page.getByRole("link", { name: "Clear the filter" }).click();
  await expect(page).toHaveURL(/\/settings\/audit$/);
  expect((await request.get("/api/v1/audit?from=soon")).status()).toBe(422);
});

test("what viewers see is switched, and a price is added", async ({ page }) => {
  await open(page, "/settings/roles");
  const box = page.getByRole("checkbox", { name: "Viewers see payloads" });
  const cell = page.getByRole("row", { name: /^see inputs and outputs/ }).getByRole("cell").first();
  await expect(cell).toHaveText("yes");
  await box.click();
  await expect(cell).toHaveText("–no");
  await box.click();
  await expect(cell).toHaveText("yes");
  await open(page, "/settings/prices");
  await page.getByLabel("Model", { exact: true }).fill("settings-model");
  await page.getByRole("button", { name: "Add the price" }).click();
  await expect(page.getByText("must be US dollars per million tokens").first()).toBeVisible();
  await page.getByLabel("Input", { exact: true }).fill("1.25");
  await page.getByLabel("Output", { exact: true }).fill("10");
  await page.getByRole("button", { name: "Add the price" }).click();
  await expect(page.getByRole("row", { name: /^settings-model/ })).toContainText("$1.25");
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });
    test("settings load, fit and are accessible", async ({ page }) => {
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      for (const name of PAGES) {
        await page.goto(`/settings/${name}`);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("navigation", { name: "Parts of the settings" }).locator("[aria-current=page]")).toBeInViewport();
        await expectFitInLightAndDark(page);
      }
      expect(complaints).toEqual([]);
    });
  });
}
