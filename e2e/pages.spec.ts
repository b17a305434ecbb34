/** The pages that belong to no story of their own, wide and narrow, light and dark: they load without complaint, fit the window, and axe finds nothing. */
import { expect, expectFitInLightAndDark, test } from "./fixtures.ts";

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
