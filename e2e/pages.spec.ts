/** Every page, wide and narrow, light and dark: it loads without complaint, fits the window, and axe finds nothing. */
import { expect, expectAccessible, expectNoSidewaysScroll, test } from "./fixtures.ts";

const PAGES = ["/", "/runs", "/runs?status=failed", "/control", "/errors", "/errors/causes", "/workers", "/ai-audit", "/ai-audit/usage", "/ai-audit/prompts", "/ai-audit/prices"];

for (const width of [1440, 390]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} px, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("pages load, fit and are accessible", async ({ page, request }) => {
        const complaints: string[] = [];
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        const { data: [run] } = await (await request.get("/api/v1/runs?limit=1")).json();
        for (const path of [...PAGES, `/runs/${run.id}`]) {
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          await expectNoSidewaysScroll(page);
          await expectAccessible(page);
        }
        expect(complaints).toEqual([]);
      });
    });
  }
}
