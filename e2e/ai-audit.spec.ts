/** The AI audit: from a run to its calls, what was asked and answered, another call beside it, usage, prompts, the doors of programs. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ARCHIVE, expect, expectAccessible, expectFitInLightAndDark, expectStatus, open, setModel, stage, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test.beforeAll(async ({ browser }) => {
  // The model answers for the first run, and talks nonsense in the second: each of its answers is asked for again.
  // New senders each time: a story that failed begins anew, and what is known already would leave nothing to ask.
  const round = Date.now();
  await setModel("sane");
  const page = await (await browser.newContext()).newPage();
  await page.goto("/control");
  await expect(page.getByTitle("This page updates by itself.")).toBeAttached({ timeout: 60_000 });
  await page.getByLabel("Mail archive").setInputFiles({ name: "audit.mbox", mimeType: "application/mbox", buffer: Buffer.from(ARCHIVE.replaceAll("example.com", `sane-audit-${round}.com`)) });
  await expect(page.getByText(/audit\.mbox: /)).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  await expectStatus(page, "segment", "completed", 60_000);
  await setModel("nonsense");
  await page.getByLabel("Mail archive").setInputFiles({ name: "audit-2.mbox", mimeType: "application/mbox", buffer: Buffer.from(ARCHIVE.replaceAll("example.com", `nonsense-audit-${round}.com`)) });
  await expect(page.getByText(/audit-2\.mbox: /)).toBeVisible();
  await page.getByRole("button", { name: "Run all" }).click();
  await expectStatus(page, "classify", "failed", 60_000);
  await setModel("sane");
  await page.context().close();
});

const table = (page: import("@playwright/test").Page) => page.getByRole("table", { name: "LLM calls" });

test("a run leads to its calls, a call to what was asked, answered and wrong, and to its step", async ({ page }) => {
  await open(page, "/control");
  await stage(page, "classify").getByRole("link", { name: /^#\d+ failed$/ }).click();
  const calls = page.getByRole("table", { name: /^LLM calls of run \d+$/ });
  await expect(calls.getByText("attempt 2").first()).toBeVisible();
  await page.getByRole("link", { name: /in AI audit$/ }).click();
  await expect(page).toHaveURL(/\/ai-audit\?run=\d+/);
  await expect(table(page).getByText("error").first()).toBeVisible();
  await table(page).getByRole("link", { name: /^#\d+$/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: /^Call #\d+$/ })).toBeVisible();
  await expect(page.getByRole("note")).toContainText("is not the JSON that was asked for");
  await expect(page.getByRole("region", { name: "Raw answer" })).toContainText("I would rather not say.");
  await expect(page.getByRole("region", { name: "Prompt", exact: true })).toContainText("That is not the JSON that was asked for");
  await expect(page.getByRole("region", { name: "System prompt" })).toContainText("You classify the senders of a mail archive");
  await expect(page.getByText("There was no price for fake-1 when the call was made, so its cost is not known")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: /^classify / }).click();
  const step = page.getByRole("complementary", { name: /^Step \d+$/ });
  await expect(step.getByRole("region", { name: "LLM calls of this step" })).toContainText("fake-1");
});

test("another call of the same template stands beside it, line by line", async ({ page }) => {
  await open(page, "/ai-audit?status=error");
  await table(page).getByRole("link", { name: /^#\d+$/ }).first().click();
  const choice = page.getByLabel("Earlier call");
  await choice.selectOption({ index: 1 });
  await expect(page.getByText(/is the older side/)).toBeVisible();
  await expect(page.getByText("System prompt is the same.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Differences in prompt" })).toContainText("asked again");
  await page.getByLabel("Or by its number").fill("999999999");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByText("No LLM call #999999999.")).toBeVisible();
  await expectAccessible(page);
});

test("the list is narrowed, sorted, searched, walked by key and looked into; the address keeps it", async ({ page }) => {
  await open(page, "/ai-audit");
  await page.getByRole("button", { name: "Status", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: /^ok/ }).first().click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/status=ok/);
  await expect(table(page).getByText("error", { exact: true })).toHaveCount(0);
  await table(page).getByRole("link", { name: "Duration" }).click();
  await expect(page).toHaveURL(/sort=-duration/);
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).not.toHaveURL(/status=ok/);
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: "Search calls" }).fill("nonsense-audit");
  await expect(page).toHaveURL(/q=nonsense-audit/);
  await expect(table(page).getByText(/^nonsense-audit-\d+\.com$/).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  const peek = page.getByRole("complementary", { name: /^Call \d+$/ });
  // Sorted by duration: on a slow machine the first may have been cut off before it was answered, but it was asked.
  await expect(peek.getByRole("region", { name: "Prompt", exact: true })).toContainText("nonsense-audit-");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(peek).toHaveCount(0);
  await page.getByRole("searchbox", { name: "Search calls" }).fill("no such subject");
  await expect(page.getByRole("heading", { name: "No call matches" })).toBeVisible();
  await page.goto("/ai-audit?status=what&sort=nothing");
  await expect(page.getByRole("region", { name: "Filters" }).getByText(/^Part of the address could not be read/)).toBeVisible();
  await page.goto("/ai-audit/999999999");
  await expect(page.getByRole("heading", { name: "There is no such call" })).toBeVisible();
});

test("a list is kept under a name, apart from those of runs", async ({ page }) => {
  await open(page, "/ai-audit?status=error");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view …" }).click();
  await page.getByLabel("Name").fill("What went wrong");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.goto("/ai-audit");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "What went wrong" }).click();
  await expect(page).toHaveURL(/\/ai-audit\?status=error$/);
  await page.goto("/runs");
  await page.getByRole("button", { name: "Views" }).click();
  await expect(page.getByRole("menuitem", { name: "What went wrong" })).toHaveCount(0);
});

test("columns are chosen and kept; the export holds what the list does", async ({ page, request }) => {
  await open(page, "/ai-audit");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("dialog").getByLabel("Attempt", { exact: true }).check();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(table(page).getByRole("columnheader", { name: "Attempt" })).toBeVisible();
  await page.goto("/ai-audit");
  await expect(table(page).getByRole("columnheader", { name: "Attempt" })).toBeVisible();
  const { data: listed } = await (await request.get("/api/v1/llm-calls?status=error&limit=500")).json();
  const lines = (await (await request.get("/api/v1/llm-calls/export?status=error&format=ndjson")).text()).trim().split("\n").map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual(listed.map(({ id }: { id: number }) => id));
  expect((await request.get("/api/v1/llm-calls/export?format=parquet")).headers()["content-type"]).toBe("application/vnd.apache.parquet");
});

test("usage adds up to what the calls say, and leads back to them; prompts and prices are there", async ({ page, request }) => {
  await page.goto("/ai-audit/usage");
  await expect(page.getByRole("table", { name: "Usage by model" })).toContainText("fake-1");
  await page.getByRole("navigation", { name: "By" }).getByRole("link", { name: "stage" }).click();
  await expect(page).toHaveURL(/by=stage/);
  await page.getByRole("table", { name: "Usage by stage" }).getByRole("link", { name: "mail/classify" }).click();
  await expect(page).toHaveURL(/\/ai-audit\?created=30d&pipeline=mail&stage=classify/);
  await expect(table(page)).toBeVisible();
  const { data: usage } = await (await request.get("/api/v1/llm-usage?days=1")).json();
  const { page: { total }, data } = await (await request.get("/api/v1/llm-calls?limit=500&not.status=running&created=24h")).json();
  expect(usage.total.calls).toBeGreaterThan(0);
  expect(data.length).toBeGreaterThanOrEqual(Math.min(usage.total.calls, 500));
  expect(total === null || total.value >= data.length).toBe(true);

  await page.goto("/ai-audit/prompts");
  await expect(page.getByRole("table", { name: "Versions of classify-sender" })).toContainText("current");
  await page.getByRole("listitem").filter({ hasText: "classify-sender" }).getByText("Show its text").click();
  await expect(page.getByRole("region", { name: "Prompt", exact: true }).first()).toContainText("{{mail}}");
  await page.getByRole("heading", { name: "classify-sender" }).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: "Prompt classify-sender" })).toBeVisible();
  await expect(page.getByRole("region", { name: "System prompt" })).toContainText("You classify the senders of a mail archive");
  const { data: prompt } = await (await request.get("/api/v1/llm-prompts/classify-sender")).json();
  expect(prompt.versions[0]).toMatchObject({ isCurrent: true, text: prompt.text });
  expect(prompt.versions[0].calls).toBeGreaterThan(0);
  await page.goto("/ai-audit/prompts/nobody-s");
  await expect(page.getByRole("heading", { level: 1, name: "There is no such prompt" })).toBeVisible();
  await page.goto("/ai-audit/prices");
  await expect(page.getByRole("table", { name: "Prices of models" })).toContainText("earlier");
});

test("the doors of programs: REST, the seed's own shape, the command line", async ({ request }) => {
  const { data: [call] } = await (await request.get("/api/v1/llm-calls?status=error&limit=1")).json();
  expect((await (await request.get(`/api/v1/llm-calls/${call.id}`)).json()).data).toMatchObject({ id: call.id, errorClass: "Unfit", responseRaw: "I would rather not say.", costUsd: null });
  expect((await (await request.get(`/api/v1/runs/${call.runId}/llm-calls`)).json()).data.map(({ id }: { id: number }) => id)).toContain(call.id);
  const audit = await (await request.get("/api/ai-audit?stage=classify&limit=2")).json();
  expect(audit).toMatchObject({ total: expect.any(Number), items: [{ stage: "classify", model_used: "fake-1" }, {}] });
  expect(await (await request.get(`/api/ai-audit/${call.id}`)).json()).toMatchObject({ id: call.id, pipeline_run_id: call.runId, prompt_template: "classify-sender", response_raw: "I would rather not say." });
  expect((await request.get("/api/ai-audit/999999999")).status()).toBe(404);
  expect((await request.get("/api/v1/llm-calls?colour=red")).status()).toBe(422);
  expect((await request.get("/api/v1/llm-usage?days=x")).status()).toBe(400);
  for (const path of ["summary?period=week", "timeseries?days=2&granularity=hourly", "by-model", "pricing"]) expect((await request.get(`/api/v1/llm-usage/${path}`)).status(), path).toBe(200);
  const said = execFileSync("./penstock", ["llm", "ls", "--status", "error", "--limit", "1", "-o", "ids"], { cwd: ROOT, encoding: "utf8", env: { ...process.env, PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "" } });
  expect(Number(said)).toBeGreaterThan(0);
});

for (const width of [1440, 390]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 844 } });
    test("every page of the audit fits, and axe finds nothing", async ({ page, request }) => {
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const { data: [call] } = await (await request.get("/api/v1/llm-calls?status=error&limit=1")).json();
      for (const path of ["/ai-audit", "/ai-audit?status=error&status=ok&subject=~a", `/ai-audit?peek=${call.id}`, `/ai-audit/${call.id}`, "/ai-audit/usage", "/ai-audit/usage?by=stage&granularity=hourly&days=7", "/ai-audit/usage?model=none", "/ai-audit/prompts", "/ai-audit/prompts/classify-sender", "/ai-audit/prices"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectFitInLightAndDark(page);
      }
      expect(complaints).toEqual([]);
    });
  });
}
