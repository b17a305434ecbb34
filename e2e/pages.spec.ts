/** The pages that belong to no story of their own, wide and narrow, light and dark: they load without complaint, fit the window, and axe finds nothing. */
import { expect, expectFitInLightAndDark, test } from "./fixtures.ts";
import { PORT } from "./playwright.config.ts";

const PAGES = ["/", "/runs?status=failed", "/control"];

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("pages load, fit and are accessible", async ({ page, request }) => {
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const { data: [run] } = await (await request.get("/api/v1/runs?limit=1")).json();
      for (const path of [...PAGES, `/runs/${run.id}`]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectFitInLightAndDark(page);
      }
      expect(complaints).toEqual([]);
    });
  });
}

test("what is not there says so in its place, whatever stands where its number should", async ({ page }) => {
  const missing = [["/runs/abc", "run"], ["/runs/bulk/999999", "bulk action"], ["/ai-audit/abc", "call"], ["/ai-audit/prompts/none", "prompt"], ["/errors/zzz", "error"], ["/schedules/999999", "schedule"], ["/backtests/nope", "backtest"]] as const;
  await page.goto("/");
  for (const [path, what] of missing) {
    await page.evaluate((to) => window.location.assign(to), path);
    await expect(page.getByRole("heading", { level: 1, name: `There is no such ${what}` }), path).toBeVisible();
  }
});

test("an unknown address is 404: in the shell for whoever is signed in, and a stranger is not sent to sign in", async ({ page, browser }) => {
  expect((await page.goto("/no/such/page"))?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await expectFitInLightAndDark(page);
  const strangers = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const stranger = await strangers.newPage();
  expect((await stranger.goto(`http://127.0.0.1:${PORT}/no/such/page`))?.status()).toBe(404);
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("There is no such page");
  await expect(stranger.getByRole("navigation")).toHaveCount(0);
  await expectFitInLightAndDark(stranger);
  await strangers.close();
});
