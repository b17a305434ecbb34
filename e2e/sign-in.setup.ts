/** Signs in once, as the admin that the server was started with: every other test begins signed in. */
import { expect, test } from "@playwright/test";
import { ADMIN, SIGNED_IN } from "./playwright.config.ts";

test("signs in", async ({ page }) => {
  await page.goto("/runs?status=failed");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fruns%3Fstatus%3Dfailed$/);
  // Until the page is alive a form sends itself, to nowhere.
  await expect(async () => {
    await page.getByLabel("E-mail").fill(ADMIN.email);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(/\/runs\?status=failed$/, { timeout: 5_000 });
  }).toPass();
  await page.context().storageState({ path: SIGNED_IN });
});
