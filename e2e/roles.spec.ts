/** The day of a viewer, of an operator and of an admin: each by their own browser, from signing in to signing out. */
import { execFileSync } from "node:child_process";
import type { Browser, Page } from "@playwright/test";
import { expect, open, setModel, stage, test } from "./fixtures.ts";
import { ADMIN, ROOT, SERVER_ENV } from "./playwright.config.ts";

const PASSWORD = "three unrelated words";
const penstock = (args: string[], input = "") => execFileSync("./penstock", args, { cwd: ROOT, encoding: "utf8", input, env: { ...process.env, ...SERVER_ENV } });
const LETTERS = (name: string) => Array.from({ length: 3 }, (_, n) => `From x@${name}-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@${name}-${n}.com\nSubject: ${name} ${n}\nMessage-ID: <${n}@${name}.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello ${n}\n\n`).join("");

/** Somebody in a browser of their own, signed in. */
async function enter(browser: Browser, email: string, password = PASSWORD): Promise<Page> {
  const page = await (await browser.newContext({ storageState: { cookies: [], origins: [] } })).newPage();
  await page.goto("/sign-in", { waitUntil: "networkidle" });
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByTitle("This page updates by itself.")).toBeAttached();
  return page;
}
const join = (browser: Browser, name: string, role: string): Promise<Page> => {
  penstock(["users", "create", `${name}@example.org`, "--role", role, "--password-stdin"], PASSWORD);
  return enter(browser, `${name}@example.org`);
};

async function leave(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  expect(await (await answered).headerValue("clear-site-data")).toBe('"cache", "storage"');
  await expect(page).toHaveURL(/\/sign-in$/);
}

test("an operator pauses a stage, triggers it, cancels what waits, lets it go on and retries", async ({ browser, request }) => {
  await setModel("sane");
  const page = await join(browser, "omar", "operator");
  expect((await page.request.post("/api/v1/pipelines/mail/imports?name=omar.mbox", { data: LETTERS("omar"), headers: { "content-type": "application/octet-stream", origin: new URL(page.url()).origin } })).status()).toBe(201);
  await open(page, "/control");
  const pane = stage(page, "metadata");
  await pane.getByRole("button", { name: "Pause metadata" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Omar looks at it");
  await page.getByRole("dialog").getByRole("button", { name: "Pause metadata" }).click();
  await expect(pane).toContainText("The stage is paused by Omar");
  await pane.getByRole("button", { name: "Run metadata" }).click();
  await pane.getByRole("status").getByRole("link").click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  const id = Number(new URL(page.url()).pathname.split("/").at(-1));

  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: `Cancel run #${id}` }).click();
  await expect(page.getByRole("button", { name: "Retry run" })).toBeVisible({ timeout: 30_000 });
  await open(page, "/control");
  await stage(page, "metadata").getByRole("button", { name: "Resume metadata" }).click();
  await expect(stage(page, "metadata")).not.toContainText("is paused");

  await open(page, `/runs/${id}`);
  await page.getByRole("button", { name: "Retry run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Retry / }).last().click();
  await expect(page).not.toHaveURL(new RegExp(`/runs/${id}$`));
  const retry = Number(new URL(page.url()).pathname.split("/").at(-1));
  const runOf = async (run: number) => (await (await request.get(`/api/v1/runs/${run}`)).json()).data;
  await expect.poll(async () => (await runOf(retry)).status, { timeout: 60_000 }).toBe("completed");
  expect(await runOf(id)).toMatchObject({ status: "cancelled" });
  expect(await runOf(retry)).toMatchObject({ createdBy: "Omar" });
  const { data: acts } = await (await request.get("/api/v1/audit?person=Omar&limit=50")).json();
  expect(new Set(acts.map(({ action }: { action: string }) => action))).toEqual(new Set(["session.open", "mail.import", "stage.pause", "run.trigger", "run.cancel", "stage.resume", "run.retry"]));
  await leave(page, "Omar, operator");
  await page.context().close();
});

test("a viewer looks and takes away a file, and can start, change and see no more than that", async ({ browser }) => {
  const page = await join(browser, "viola", "viewer");
  await open(page, "/runs?stage=metadata");
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: /^CSV For spreadsheets/ }).click()]);
  expect(download.suggestedFilename()).toMatch(/^penstock-runs-.*\.csv$/);
  await page.getByRole("table").getByRole("link", { name: /#\d+/ }).first().click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("metadata");
  for (const name of [/^Retry/, /^Cancel/, /^Pin/]) await expect(page.getByRole("button", { name })).toHaveCount(0);
  await open(page, "/control");
  await expect(stage(page, "metadata")).toBeVisible();
  for (const name of [/^Run /, /^Pause/, /^Resume/, /^Load/]) await expect(page.getByRole("button", { name })).toHaveCount(0);
  await expect(page.getByLabel("Mail archive")).toHaveCount(0);

  // By hand, too: the page has nothing to press, and the server nothing to give.
  const headers = { origin: new URL(page.url()).origin };
  for (const path of ["/api/v1/pipelines/mail/runs", "/api/v1/pipelines/mail/stages/metadata/runs", "/api/v1/pipelines/mail/pause", "/api/v1/keys"]) {
    const answer = await page.request.post(path, { headers, data: path.endsWith("keys") ? { name: "more", role: "admin" } : {} });
    expect([answer.status(), (await answer.json()).detail], path).toEqual([403, expect.any(String)]);
  }
  for (const path of ["/settings/people", "/settings/audit", "/settings/retention", "/schedules/new"]) expect((await page.goto(path))?.status(), path).toBe(403);
  await leave(page, "Viola, viewer");
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.context().close();
});

test("an admin invites somebody, changes their role, makes a key and revokes it, and reads who did what", async ({ browser, request }) => {
  const page = await enter(browser, ADMIN.email, ADMIN.password);
  await open(page, "/settings/people");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByLabel("E-mail").fill("nina@example.org");
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.getByRole("dialog")).toContainText(/\/setup\/[\w-]{43}/);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("listitem", { name: "Nina" })).toContainText("Invited, not here yet");
  await page.getByLabel("Role of Nina").selectOption("operator");
  await expect(page.getByLabel("Role of Nina")).toHaveValue("operator");

  await open(page, "/settings/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByLabel("Name").fill("roles");
  await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Make the key" }).click();
  const token = await page.getByTestId("token").innerText();
  await page.getByRole("button", { name: "I have it" }).click();
  const ask = async () => (await fetch(new URL("/api/v1/runs?limit=1", page.url()), { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await ask()).toBe(200);
  await page.getByRole("button", { name: "Revoke roles" }).click();
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  expect(await ask()).toBe(401);

  await open(page, "/settings/audit?person=Admin");
  const table = page.getByRole("table", { name: "Audit log" });
  for (const act of ["key.revoke", "key.make", "person.role", "person.invite"]) await expect(table.getByRole("row").filter({ hasText: act }).first()).toBeVisible();
  const { data } = await (await request.get("/api/v1/audit?action=person.role&limit=1")).json();
  expect(data).toMatchObject([{ actor: "Admin", object: "user/nina@example.org", before: { role: "viewer" }, after: { role: "operator" } }]);
  await leave(page, "Admin, admin");
  await page.context().close();
});

test("a page that has heard nothing for as long as a session lasts unused shows nothing any more, server or not", async ({ browser }) => {
  const page = await enter(browser, ADMIN.email, ADMIN.password);
  await page.evaluate(() => localStorage.setItem("penstock-left-behind", "here"));
  await page.clock.install();
  await page.context().route("**/api/v1/events*", (route) => route.abort());
  await page.goto("/runs");
  await expect(page.getByTitle(/out of date/)).toBeAttached();
  await page.context().setOffline(true);
  await page.clock.fastForward(7 * 3_600_000);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Runs");
  await page.clock.fastForward(2 * 3_600_000);
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toHaveCount(0);
  await expect(page.getByRole("table")).toHaveCount(0);

  await page.context().setOffline(false);
  await page.context().unroute("**/api/v1/events*");
  await open(page, "/runs");
  await leave(page, "Admin, admin");
  expect(await page.evaluate(() => localStorage.getItem("penstock-left-behind"))).toBeNull();
  await page.context().close();
});
