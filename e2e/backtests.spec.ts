/** The job manager's contract against the running server, and its pages while a job runs. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, expectAccessible, expectNoSidewaysScroll, note, noted, open, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
type Detail = { date: string; model: string; status: string; duration_seconds: number | null; error: string | null };
type Status = { job_id: string; status: string; date_range: string[]; models: string[]; started_at: string | null; completed_at: string | null; total_duration_seconds: number | null; warnings: string[]; progress: { total_model_days: number; completed: number; failed: number; current: unknown; details: Detail[] } };

test.beforeAll(async () => {
  test.setTimeout(120_000);
  await promisify(execFile)(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", "lib/testing/seed-candles.ts", "2024-11-25", "320", "AAA", "BBB", "CCC"], { cwd: ROOT, env: { ...process.env, PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "" } });
});
const MODELS = ["buy-and-hold", "momentum-5"];

test("bad requests are 400 with a sentence, unknown jobs 404", async ({ request }) => {
  const trigger = async (data: unknown) => {
    const response = await request.post("/simulate/trigger", { data: data as object });
    return [response.status(), await response.json()];
  };
  for (const [body, message] of [
    [{ start_date: "2025-01-17", end_date: "2025-01-16", models: MODELS }, "start_date must be <= end_date"],
    [{ start_date: "2025-01-16", end_date: "2999-01-01", models: MODELS }, "future dates"],
    [{ start_date: "16.01.2025", end_date: "2025-01-16" }, "Expected YYYY-MM-DD"],
    [{ start_date: "2023-01-01", end_date: "2025-01-16" }, "is the most for one job"],
    [{ date_range: [], models: MODELS }, "date_range"],
    [{ start_date: "2025-01-16", end_date: "2025-01-17", models: ["gpt-99"] }, 'no model "gpt-99"'],
    [{ start_date: "2025-01-18", end_date: "2025-01-19", models: MODELS }, "no trading date"],
  ] as const) {
    const [status, answer] = await trigger(body);
    expect(status, JSON.stringify(body)).toBe(400);
    expect(answer.error).toBe("invalid_request");
    expect(answer.message).toContain(message);
    expect(answer.detail).toBe(answer.message);
  }
  expect((await request.get("/simulate/current")).status()).toBe(404);
  const missing = await request.get("/simulate/status/550e8400-e29b-41d4-a716-446655440000");
  expect([missing.status(), (await missing.json()).error]).toEqual([404, "not_found"]);
  expect((await request.get("/simulate/status/nonsense")).status()).toBe(404);
});

test("two hundred simultaneous triggers: one job, as the seed's example has it", async ({ request }) => {
  test.setTimeout(180_000);
  const body = { config_path: "configs/test.json", date_range: ["2025-01-16", "2025-01-17"], models: MODELS };
  const responses = await Promise.all(Array.from({ length: 200 }, () => request.post("/simulate/trigger", { data: body, timeout: 120_000 })));
  const answers = await Promise.all(responses.map(async (response) => ({ code: response.status(), ...((await response.json()) as Status) })));
  expect(answers.filter(({ code }) => code === 202)).toHaveLength(1);
  expect(answers.filter(({ code }) => code === 200)).toHaveLength(199);
  expect(new Set(answers.map(({ job_id: id }) => id)).size).toBe(1);
  expect(answers.find(({ code }) => code === 202)?.status).toBe("accepted");
  const first = answers[0]?.job_id ?? "";
  note("job", first);
  const ended = await until(first, request);
  expect(ended).toMatchObject({ status: "completed", config_path: "configs/test.json", date_range: ["2025-01-16", "2025-01-17"], models: MODELS, error: null });
  expect(ended.progress).toMatchObject({ total_model_days: 4, completed: 4, failed: 0, current: null });
  expect(ended.progress.details.map(({ date, model, status }) => `${date} ${model} ${status}`)).toEqual(["2025-01-16 buy-and-hold completed", "2025-01-16 momentum-5 completed", "2025-01-17 buy-and-hold completed", "2025-01-17 momentum-5 completed"]);
  expect(ended.started_at).not.toBeNull();
  expect(ended.completed_at).not.toBeNull();
  expect(ended.total_duration_seconds).toBeGreaterThan(0);
  expect((await (await request.get("/simulate/current")).json()).job_id).toBe(first);
});

async function until(jobId: string, request: import("@playwright/test").APIRequestContext): Promise<Status> {
  let status: Status | undefined;
  await expect.poll(async () => {
    status = (await (await request.get(`/simulate/status/${jobId}`)).json()) as Status;
    return ["completed", "partial", "failed", "cancelled"].includes(status.status);
  }, { timeout: 120_000 }).toBe(true);
  return status as Status;
}

test("results of a day and of a range; what is asked wrongly is 400, what is not there 404", async ({ request }) => {
  const day = await (await request.get(`/results?date=2025-01-17&job_id=${noted("job")}&reasoning=full`)).json();
  expect(day.count).toBe(2);
  const [held] = day.results;
  expect(held).toMatchObject({ date: "2025-01-17", model: "buy-and-hold", job_id: noted("job"), daily_metrics: { days_since_last_trading: 1 } });
  expect(held.reasoning.some(({ content }: { content: string }) => content.includes("I hold"))).toBe(true);
  const range = await (await request.get("/results?start_date=2025-01-16&end_date=2025-01-17&model=buy-and-hold")).json();
  // The independent reckoning: what was worth how much on each end.
  const [{ daily_portfolio_values: values, period_metrics: metrics }] = range.results;
  const [start, end] = [values[0].portfolio_value, values[1].portfolio_value];
  expect(metrics).toMatchObject({ starting_portfolio_value: start, ending_portfolio_value: end, calendar_days: 2, trading_days: 2 });
  expect(metrics.period_return_pct).toBeCloseTo((end / start - 1) * 100, 1);
  expect((await request.get("/results?date=2025-1-6")).status()).toBe(400);
  expect((await request.get("/results?start_date=2025-01-17&end_date=2025-01-16")).status()).toBe(400);
  expect((await request.get("/results?date=2999-01-01")).status()).toBe(400);
  expect((await request.get("/results?date=2025-01-17&model=nobody")).status()).toBe(404);
});

test("a year is started from the form; the grid fills in while it runs; another range is 409; then every view has its table", async ({ page, request }) => {
  test.setTimeout(300_000);
  await open(page, "/backtests/new");
  await expectAccessible(page);
  await page.getByLabel("First date").fill("2025-02-03");
  await page.getByLabel("Last date").fill("2025-06-30");
  for (const model of ["equal-weight", "breakout-20", "ai:fake-1"]) await page.getByLabel(model).uncheck();
  await page.getByRole("button", { name: "Start the backtest" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "2025-02-03 to 2025-06-30" })).toBeVisible({ timeout: 60_000 });
  const grid = page.getByRole("table", { name: "Models by date" });
  await expect(grid.getByRole("link", { name: /2025-02-03, cash: completed/ })).toBeVisible({ timeout: 60_000 });
  const busy = await request.post("/simulate/trigger", { data: { start_date: "2025-07-01", end_date: "2025-07-02", models: MODELS } });
  const jobId = page.url().split("/").at(-1) ?? "";
  if (busy.status() !== 409) expect((await (await request.get(`/simulate/status/${jobId}`)).json()).status).toBe("completed");
  else expect(await busy.json()).toMatchObject({ error: "conflict", current_job_id: jobId, current_job: { status: expect.stringMatching(/pending|running/) } });
  await until(jobId, request);
  await expect(page.getByText("completed", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("row", { name: /buy-and-hold/ }).first()).toBeVisible();

  await grid.getByRole("link", { name: /^2025-02-03, buy-and-hold/ }).click();
  await expect(page.getByRole("region", { name: "buy-and-hold on 2025-02-03" })).toContainText("I hold");
  const equity = page.getByRole("region", { name: "Equity", exact: true });
  await equity.getByRole("button", { name: "Show as table" }).click();
  await expect(equity.getByRole("rowheader", { name: "2025-06-30" })).toBeAttached();
  await expectAccessible(page);
  const file = await request.get(`/api/v1/backtests/${jobId}/export?what=trades&format=csv`);
  await page.getByRole("button", { name: "Export" }).click();
  await expect(page.getByRole("menuitem", { name: "Days as Parquet" })).toHaveAttribute("href", `/api/v1/backtests/${jobId}/export?what=days&format=parquet`);
  expect(await file.text()).toMatch(/^date,model,actionId,actionType,symbol,quantity,price,cash\r\n2025-/);
});

test("two jobs side by side; the list and a phone", async ({ page }) => {
  await open(page, `/backtests/compare?a=${noted("job")}`);
  await page.getByLabel("Job B").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("rowheader", { name: "buy-and-hold" })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/backtests", "/backtests/new", `/backtests/${noted("job")}`, `/backtests/${noted("job")}?date=2025-01-16&model=buy-and-hold`, `/backtests/compare?a=${noted("job")}&b=${noted("job")}`]) {
    await open(page, path);
    await expectNoSidewaysScroll(page);
  }
  await open(page, "/backtests/nonsense");
  await expect(page.getByRole("heading", { name: "There is no such backtest" })).toBeVisible();
});
