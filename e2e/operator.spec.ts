/** What an operator does on a first day, one story after another on the same application. */
import { ARCHIVE, expect, expectStatus, open, setModel, stage, test } from "./fixtures.ts";

test("a newcomer loads the sample archive, and a second time changes nothing", async ({ page }) => {
  await open(page, "/control");
  await page.getByRole("button", { name: "Load the sample archive" }).click();
  await expect(page.getByText(/^\d[\d\s]* messages loaded\.$/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Load the sample archive" }).click();
  await expect(page.getByText(/^Nothing new/)).toBeVisible({ timeout: 30_000 });
});

test("they import a mailbox of their own; a picture is refused in words", async ({ page }) => {
  await open(page, "/control");
  const file = page.getByLabel("Mail archive");
  await file.setInputFiles({ name: "own.mbox", mimeType: "application/mbox", buffer: Buffer.from(ARCHIVE) });
  await expect(page.getByText("own.mbox: 3 new messages")).toBeVisible();
  await file.setInputFiles({ name: "cat.mbox", mimeType: "image/png", buffer: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex") });
  await expect(page.getByText(/PNG/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Recent imports" })).not.toContainText("cat.mbox");
});

test("Run all goes through the seven stages under their eyes, and the counts add up", async ({ page, request }) => {
  await setModel("sane");
  await open(page, "/control");
  await page.getByRole("button", { name: "Run all" }).click();
  for (const name of ["metadata", "content", "entities", "classify", "profile", "segment", "engage"]) {
    await expectStatus(page, name, "completed", 60_000);
  }
  const { data: imports } = await (await request.get("/api/v1/pipelines/mail/imports")).json();
  const messages = imports.reduce((sum: number, one: { messages: number }) => sum + one.messages, 0);
  const { data: [mail] } = await (await request.get("/api/v1/pipelines")).json();
  const rowsOf = (name: string) => mail.stages.find((card: { name: string }) => card.name === name);
  expect(rowsOf("metadata").rows).toBe(messages);
  expect(rowsOf("content").rows).toBe(messages);
  // The database was empty, so what each run counted is what its stage holds. Drafts keep to their daily limit.
  for (const card of mail.stages) expect(card, card.name).toMatchObject({ lastRun: { status: "completed", itemsProcessed: card.rows } });
  for (const card of mail.stages.filter(({ name }: { name: string }) => name !== "engage")) expect(card, card.name).toMatchObject({ waiting: 0 });
});

test("a stage with nothing new is skipped, and says so; a busy one is refused with the run in the way", async ({ page, request }) => {
  await open(page, "/control");
  const metadata = stage(page, "metadata");
  await metadata.getByRole("button", { name: "Run metadata" }).click();
  await expectStatus(page, "metadata", "skipped");
  const unknown = await request.post("/api/v1/pipelines/mail/stages/nowhere/runs", { data: {} });
  expect(unknown.status()).toBe(404);
  expect(await unknown.json()).toMatchObject({ status: 404, detail: expect.stringContaining("metadata") });
});

test("a model that talks nonsense: the items fail, the run says why, and the failing step shows what was asked", async ({ page }) => {
  await setModel("nonsense");
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "more.eml", mimeType: "message/rfc822", buffer: Buffer.from("From: Dora <d@daybreak-press.com>\r\nSubject: Four\r\nMessage-ID: <four@daybreak-press.com>\r\nDate: Mon, 2 Nov 2026 13:00:00 +0100\r\n\r\nOur new books\r\n") });
  await expect(page.getByText("more.eml: 1 new message")).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  await expectStatus(page, "classify", "failed", 30_000);
  await expectStatus(page, "profile", "skipped");

  await page.goto("/runs?status=failed");
  await page.getByRole("table").getByRole("link", { name: /#\d+/ }).first().click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  const error = page.getByRole("region", { name: "Error", exact: true });
  await expect(error).toContainText("not the JSON that was asked for");
  await page.getByRole("searchbox", { name: "Search steps by name" }).fill("daybreak-press.com");
  await page.getByRole("treegrid").getByRole("row", { name: /daybreak-press\.com/ }).last().click();
  const step = page.getByRole("complementary", { name: /^Step \d+$/ });
  await expect(step).toContainText("not the JSON that was asked for");
});

test("a long run shows its progress, and can be cancelled", async ({ page }) => {
  await setModel("slow");
  await open(page, "/control");
  const archive = Array.from({ length: 30 }, (_, n) => `From x@sender-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@sender-${n}.com\nSubject: Slow ${n}\nMessage-ID: <slow-${n}@sender-${n}.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello ${n}\n\n`).join("");
  await page.getByLabel("Mail archive").setInputFiles({ name: "slow.mbox", mimeType: "application/mbox", buffer: Buffer.from(archive) });
  await expect(page.getByText("slow.mbox: 30 new messages")).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  const classify = stage(page, "classify");
  await expectStatus(page, "classify", "running", 30_000);
  await expect(classify.getByRole("progressbar")).toBeVisible();
  await classify.getByRole("button", { name: "Run classify" }).click();
  await expect(classify.getByText(/already running as #\d+/)).toBeVisible();
  await classify.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Cancel run #/ }).click();
  await expectStatus(page, "classify", "cancelled", 20_000);
  await expectStatus(page, "profile", "skipped");
  await setModel("sane");
  await classify.getByRole("button", { name: "Run classify" }).click();
  await expectStatus(page, "classify", "completed", 30_000);
});

test("the run table: newest first, searched, sorted, all in the address; back returns", async ({ page }) => {
  await open(page, "/runs");
  const rows = page.getByRole("table").getByRole("row");
  await expect(rows.nth(1)).toContainText("classify");
  await page.keyboard.press("/");
  await page.keyboard.type("metadata");
  await expect(page).toHaveURL(/q=metadata/);
  await expect(rows.nth(1)).toContainText("metadata");
  await page.goto("/runs?stage=content&status=completed&sort=-items");
  await expect(rows.nth(1)).toContainText("content");
  await rows.nth(1).getByRole("link", { name: /#\d+/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("content");
  await page.goBack();
  await expect(page).toHaveURL(/sort=-items/);
  await page.goto("/runs?q=zzz-nothing-has-this");
  await expect(page.getByRole("button", { name: /clear/i }).or(page.getByRole("link", { name: /clear/i })).first()).toBeVisible();
  await page.goto("/runs/999999");
  await expect(page.getByText(/no run/i).first()).toBeVisible();
});
