/** Who gets in, and what each role sees once they are. */
import { execFileSync } from "node:child_process";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectFitInLightAndDark } from "./fixtures.ts";
import { ADMIN, ROOT, SERVER_ENV } from "./playwright.config.ts";

// Each begins with nobody signed in.
test.use({ storageState: { cookies: [], origins: [] } });

const PASSWORD = "three unrelated words";
const penstock = (...args: string[]): string => execFileSync("./penstock", args, { cwd: ROOT, encoding: "utf8", env: { ...process.env, ...SERVER_ENV } });

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** A browser of its own, in which somebody has just used the link that an admin made for them. */
async function join(browser: Browser, name: string, role: string): Promise<Page> {
  const { link } = JSON.parse(penstock("users", "create", `${name}@example.org`, "--role", role, "--json"));
  const page = await (await browser.newContext({ storageState: { cookies: [], origins: [] } })).newPage();
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome to Penstock");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page).toHaveURL(/:\d+\/$/);
  return page;
}

test("a wrong password says nothing about which was wrong, and the right one leads to where one wanted to go", async ({ page }) => {
  await page.goto("/schedules?x=1");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.waitForLoadState("networkidle");
  const said: string[] = [];
  for (const email of [ADMIN.email, "nobody@example.org"]) {
    await signIn(page, email, "not the right words");
    const alert = page.getByRole("alert").filter({ hasText: "not right" });
    await expect(alert).toBeVisible();
    said.push(await alert.innerText());
    await page.reload({ waitUntil: "networkidle" });
  }
  expect(new Set(said).size).toBe(1);
  await signIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/schedules\?x=1$/);
});

test("signing out everywhere ends every browser at once; a page leads to sign-in and back", async ({ browser }) => {
  const page = await join(browser, "ella", "operator");
  const other = await (await browser.newContext({ storageState: await page.context().storageState() })).newPage();
  await other.goto("/runs");
  await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
  await page.goto("/settings/account", { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect((await other.request.get("/api/v1/runs?limit=1")).status()).toBe(401);
  // Its live stream ends with the session, and what it showed is gone.
  await expect(other).toHaveURL(/\/sign-in\?next=%2Fruns$/, { timeout: 20_000 });
  await other.goto("/errors");
  await expect(other).toHaveURL(/\/sign-in\?next=%2Ferrors$/);
  await other.waitForLoadState("networkidle");
  await signIn(other, "ella@example.org");
  await expect(other).toHaveURL(/\/errors$/);
  await other.getByRole("button", { name: "Ella, operator" }).click();
  await other.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(other).toHaveURL(/\/sign-in$/);
  for (const page_ of [page, other]) await page_.context().close();
});

test("viewer, operator and admin each see what they may", async ({ browser }) => {
  const viewer = await join(browser, "vera", "viewer");
  const operator = await join(browser, "otto", "operator");
  for (const [page, mayRun] of [[viewer, false], [operator, true]] as const) {
    const denied = await page.goto("/settings/people");
    expect(denied?.status()).toBe(403);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your role does not include this page");
    await page.goto("/control");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("button", { name: /^Run / }).first()).toBeVisible({ visible: mayRun });
  }
  const admin = await (await browser.newContext({ storageState: { cookies: [], origins: [] } })).newPage();
  await admin.goto("/sign-in?next=/settings/people", { waitUntil: "networkidle" });
  await signIn(admin, ADMIN.email, ADMIN.password);
  await expect(admin.getByRole("listitem", { name: "Vera" })).toBeVisible();
  await admin.waitForLoadState("networkidle");
  await admin.getByLabel("Role of Vera").selectOption("operator");
  await expect(admin.getByLabel("Role of Vera")).toHaveValue("operator");
  // What she may is decided anew: she signs in again.
  await expect(async () => expect((await viewer.request.get("/api/v1/runs?limit=1")).status()).toBe(401)).toPass();
  for (const page of [viewer, operator, admin]) await page.context().close();
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });
    test("the pages of signing in and of people fit, and axe finds nothing", async ({ page }) => {
      await page.goto("/setup/no-such-link-anywhere");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
      await expectFitInLightAndDark(page);
      await page.goto("/sign-in?next=/settings/account", { waitUntil: "networkidle" });
      await expectFitInLightAndDark(page);
      await signIn(page, ADMIN.email, ADMIN.password);
      await expect(page).toHaveURL(/\/settings\/account$/);
      for (const path of ["/settings/account", "/settings/people"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectFitInLightAndDark(page);
      }
    });
  });
}
