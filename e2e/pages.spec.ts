/** Every page, wide and narrow, light and dark: it loads without complaint, fits the window, and axe finds nothing. */
import { expect, expectFitInLightAndDark, test } from "./fixtures.ts";

const PAGES = ["/", "/runs", "/runs?status=failed", "/control", "/errors", "/errors/causes", "/workers", "/ai-audit", "/ai-audit/usage", "/ai-audit/prompts", "/ai-audit/prices"];

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
