/** The same work from a phone: import, run all, watch, open the failing step, cancel. */
import { expect, expectNoSidewaysScroll, expectStatus, open, setModel, stage, test } from "./fixtures.ts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

const letters = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `From x@${name}-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@${name}-${n}.com\nSubject: ${name} ${n}\nMessage-ID: <${n}@${name}-${n}.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello from ${name} ${n}\n\n`).join("");

test("a failing step is found and read", async ({ page }) => {
  await setModel("refuse");
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "phone.mbox", mimeType: "application/mbox", buffer: Buffer.from(letters("phone", 2)) });
  await expect(page.getByText("phone.mbox: 2 new messages")).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  await expectStatus(page, "classify", "failed");
  await stage(page, "classify").getByRole("link", { name: /failed$/ }).click();
  await expect(page.getByRole("region", { name: "Error", exact: true })).toContainText("The AI provider has a fault of its own");
  await page.getByRole("button", { name: /^Show step \d+$/ }).click();
  const step = page.getByRole("complementary", { name: /^Step \d+$/ });
  await expect(step).toContainText("server error (500)");
  await expectNoSidewaysScroll(page);
});

test("a long run is watched and cancelled", async ({ page }) => {
  await setModel("slow");
  await open(page, "/control");
  await page.getByLabel("Mail archive").setInputFiles({ name: "long.mbox", mimeType: "application/mbox", buffer: Buffer.from(letters("long", 30)) });
  await expect(page.getByText("long.mbox: 30 new messages")).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  const classify = stage(page, "classify");
  await expectStatus(page, "classify", "running");
  await expect(classify.getByRole("progressbar")).toBeVisible();
  await classify.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Cancel run #/ }).click();
  await expectStatus(page, "classify", "cancelled");
  await expectNoSidewaysScroll(page);
  await setModel("sane");
});
