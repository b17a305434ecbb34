/** Pausing a stage and a pipeline, standing in line, a limit, and why a run waits. */
import { expect, expectAccessible, expectNoSidewaysScroll, expectStatus, open, stage, test } from "./fixtures.ts";

const LETTERS = Array.from({ length: 3 }, (_, n) => `From x@pause-${n}.com Mon Nov  2 10:00:00 2026\nFrom: x@pause-${n}.com\nSubject: Pause ${n}\nMessage-ID: <${n}@pause.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n\nHello ${n}\n\n`).join("");

test("a stage is paused with a reason; its runs are accepted, wait in line and say why; resumed, they go on", async ({ page, request }) => {
  await request.post("/api/v1/pipelines/mail/imports?name=pause.mbox", { data: LETTERS, headers: { "content-type": "application/octet-stream" } });
  await open(page, "/control");
  const pane = stage(page, "metadata");
  await pane.getByRole("button", { name: "Pause metadata" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("units in flight end");
  await dialog.getByLabel("Reason").fill("The disk is being changed");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Pause metadata" }).click();
  await expect(dialog).toBeHidden();
  await expect(pane).toContainText("The stage is paused by Admin");
  await expect(pane).toContainText("The disk is being changed");

  await pane.getByRole("button", { name: "Run metadata" }).click();
  await expect(pane.getByRole("status")).toContainText("accepted");
  await expect(pane).toContainText(/Stage mail\/metadata is paused by Admin since .* UTC: The disk is being changed/);

  // A second one is refused, and may stand in line instead.
  await pane.getByRole("button", { name: "Run metadata" }).click();
  await expect(pane.getByRole("alert")).toContainText("already waiting to run as #");
  await pane.getByRole("button", { name: "Stand in line" }).click();
  await expect(pane.getByRole("status")).toContainText("stands in line");
  await expect(pane).toContainText("1 run stands in line behind it");
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);

  await pane.getByRole("status").getByRole("link").click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  await expect(page.getByText(/^In line behind #\d+, which waits to run\. It is next\. Stage mail\/metadata is paused/)).toBeVisible();
  await expectAccessible(page);
  const second = Number(new URL(page.url()).pathname.split("/").at(-1));
  const { data: run } = await (await request.get(`/api/v1/runs/${second}`)).json();
  expect(run.waiting).toMatchObject({ reason: "line", runs: [{ stage: "metadata" }] });
  await page.setViewportSize({ width: 390, height: 800 });
  await expectNoSidewaysScroll(page);

  await page.getByRole("main").getByRole("link", { name: `#${run.waiting.runs[0].id}`, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${run.waiting.runs[0].id}$`));
  await expect(page.getByText(/^Stage mail\/metadata is paused by Admin/)).toBeVisible();

  await open(page, "/control");
  await expectNoSidewaysScroll(page);
  await stage(page, "metadata").getByRole("button", { name: "Resume metadata" }).click();
  await expect(stage(page, "metadata")).not.toContainText("is paused");
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${second}`)).json()).data.completedAt, { timeout: 30_000 }).not.toBeNull();
  await expectStatus(page, "metadata", "skipped|completed");
});

test("a pipeline is paused as a whole, a limit is set and taken back, and the feed tells of both", async ({ page, request }) => {
  await open(page, "/control");
  await page.getByRole("button", { name: "Pause mail" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause mail" }).click();
  await expect(page.getByText(/^The pipeline is paused by Admin/)).toBeVisible();
  const made = await request.post("/api/v1/pipelines/mail/stages/content/runs", { data: { priority: "high" } });
  expect(made.status()).toBe(201);
  const { data: { runId } } = await made.json();
  const joined = await request.post("/api/v1/pipelines/mail/stages/content/runs", { data: { onBusy: "join" } });
  expect(joined.status()).toBe(200);
  expect((await joined.json()).data).toMatchObject({ runId, created: false, joined: true });
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${runId}`)).json()).data.waiting?.text).toMatch(/^Pipeline mail is paused by Admin/);
  await page.getByRole("button", { name: "Resume mail" }).click();
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${runId}`)).json()).data.completedAt, { timeout: 30_000 }).not.toBeNull();

  const pane = stage(page, "content");
  await pane.getByRole("button", { name: "Limit of content: No limit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Units in flight").fill("0");
  await dialog.getByRole("button", { name: "Set the limit" }).click();
  await expect(dialog).toContainText("To let nothing start, pause the stage.");
  await dialog.getByLabel("Units in flight").fill("2");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Set the limit" }).click();
  await expect(dialog).toBeHidden();
  await expect(pane.getByRole("button", { name: "Limit of content: 0 of 2 in flight" })).toBeVisible();
  expect((await (await request.put("/api/v1/pipelines/mail/stages/content/limit", { data: { limit: null } })).json()).data).toEqual({ ok: true, limit: null, declared: null });

  const { data: told } = await (await request.get("/api/v1/activity?limit=50")).json();
  const types = (told.rows ?? told).map(({ type }: { type: string }) => type);
  expect(types.filter((type: string) => /^(stage|pipeline)\./.test(type)).slice(0, 6)).toEqual(["stage.limited", "stage.limited", "pipeline.resumed", "pipeline.paused", "stage.resumed", "stage.paused"]);
  await open(page, "/");
  await expect(page.getByText("Admin paused the pipeline mail").first()).toBeVisible();
});
