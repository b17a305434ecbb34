/** The Run page: its trace in three views, errors, input and output, retry, annotations, comparison; also of 50,000 steps. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
let small: number;
let twin: number;
let large: number;

test.beforeAll(() => {
  const made = spawnSync(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", "lib/testing/traces.ts", `${ROOT}/.tmp/e2e-home`, "200", "200", "50000"], { cwd: ROOT, encoding: "utf8" });
  expect(made.status, made.stderr).toBe(0);
  [small, twin, large] = made.stdout.trim().split("\n").map(Number) as [number, number, number];
});

const grid = (page: Page) => page.getByRole("treegrid");
const panel = (page: Page, name: string | RegExp) => page.getByRole("complementary", { name });

test("the waterfall: folds, zooms, filters, and goes from error to error by key", async ({ page }) => {
  await open(page, `/runs/${small}`);
  await expect(grid(page).getByRole("row", { name: /messages 1 to 50/ })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/step=97/);
  await expect(panel(page, "Step 97")).toContainText("Cannot read properties of undefined");
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/step=194/);
  await page.keyboard.press("Shift+E");
  await expect(page).toHaveURL(/step=97/);
  await expect(grid(page).locator('[aria-selected="true"]')).toContainText("parse");

  await page.getByRole("button", { name: "Zoom in (+)" }).click();
  await expect(page.getByRole("button", { name: "Zoom out (-)" })).toBeEnabled();
  await page.getByRole("button", { name: /^Show the whole time/ }).click();
  await page.getByRole("button", { name: /^error 2$/ }).click();
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "6");
  await page.getByRole("button", { name: /^error 2$/ }).click();
  await page.getByRole("searchbox", { name: "Search steps by name" }).fill("no such step");
  await expect(page.getByText("No step matches")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();

  await grid(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "3");
  await page.keyboard.press("ArrowRight");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "203");
});

test("tree and list keep the step that is open; the address opens the same view again", async ({ page }) => {
  await open(page, `/runs/${small}?step=97`);
  await page.getByRole("button", { name: "Tree", exact: true }).click();
  await expect(page).toHaveURL(/view=tree/);
  await expect(panel(page, "Step 97")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.getByRole("table", { name: "Steps" }).locator('[aria-selected="true"]')).toContainText("97");
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByRole("table", { name: "Steps" })).toBeVisible();
  await expect(panel(page, "Step 97")).toBeVisible();
});

test("input and output: searched, folded, raw, masked, downloaded, and compared with the run before", async ({ page }) => {
  await open(page, `/runs/${twin}?step=2`);
  const aside = panel(page, "Step 2");
  const input = aside.getByRole("region", { name: "Input of step 2" });
  await expect(input).toContainText("••••");
  await expect(aside).not.toContainText("hunter2");
  const output = aside.getByRole("figure").filter({ has: page.getByRole("region", { name: "Output of step 2" }) });
  await output.getByRole("searchbox").fill("berlin");
  await expect(output.getByRole("status").filter({ hasText: "1 of 1" })).toBeVisible();
  await output.getByRole("button", { name: /^Fold Output of step 2/ }).click();
  await expect(output).not.toContainText("Berlin");
  await output.getByRole("button", { name: /^Next match/ }).click();
  await expect(output.locator("mark")).toHaveText("Berlin");
  await output.getByRole("button", { name: /raw$/ }).click();
  await expect(output.locator("pre")).toContainText('"Berlin"');
  const [download] = await Promise.all([page.waitForEvent("download"), aside.getByRole("link", { name: "Download input of step 2" }).click()]);
  expect(download.suggestedFilename()).toBe(`run-${twin}-step-2-input.json`);

  await aside.getByRole("button", { name: `Run #${small}` }).click();
  await expect(aside).toContainText("Input is the same.");
  await expect(aside.getByRole("region", { name: "Differences in output" })).toContainText("$.salt");
});

test("annotations: set, changed, removed; what is Penstock's own is refused in words", async ({ page }) => {
  await open(page, `/runs/${small}`);
  const notes = page.getByRole("region", { name: "Annotations" });
  await notes.getByRole("button", { name: "Add annotation" }).click();
  await notes.getByLabel("Key").fill("system/pipeline_run.name");
  await notes.getByLabel("Value", { exact: true }).fill("x");
  await notes.getByRole("button", { name: "Set annotation" }).click();
  await expect(notes.getByText(/belong to Penstock/)).toBeVisible();
  await notes.getByLabel("Key").fill("team");
  await notes.getByLabel("Value", { exact: true }).fill("فريق 👩‍💻");
  await notes.getByRole("button", { name: "Set annotation" }).click();
  await expect(notes.getByText("فريق 👩‍💻")).toBeVisible();
  await notes.getByRole("button", { name: "Change team" }).click();
  await notes.getByLabel("Value", { exact: true }).fill("accounts");
  await notes.getByRole("button", { name: "Save value" }).click();
  await expect(notes.getByText("accounts")).toBeVisible();
  await notes.getByRole("button", { name: "Remove team" }).click();
  await expect(notes.getByText("accounts")).toBeHidden();
});

test("a retry with other parameters is a new run that knows the old one", async ({ page }) => {
  await open(page, `/runs/${twin}`);
  await page.getByRole("button", { name: "Retry run" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Batch size").fill("0");
  await dialog.getByRole("button", { name: "Retry content" }).click();
  await expect(dialog.getByLabel("Batch size")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Batch size").fill("70");
  await dialog.getByRole("button", { name: "Retry content" }).click();
  await expect(page).not.toHaveURL(new RegExp(`/runs/${twin}$`));
  await expect(page.getByText(/^Retries/)).toContainText(`#${twin}`);
  await expect(page.getByRole("region", { name: "Parameters" })).toContainText("70");
  await open(page, `/runs/${twin}`);
  await expect(page.getByText("Retried as")).toBeVisible();
});

test("two runs side by side: where they part, and the difference there", async ({ page }) => {
  await open(page, `/runs/${twin}`);
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByRole("link", { name: `Compare with previous, #${small}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Run #${small} beside run #${twin}`);
  await expect(page.getByRole("table", { name: "Facts that differ" })).toContainText("Parameter batchSize");
  await page.getByRole("button", { name: "Go to where they part" }).click();
  await expect(page.getByText("they part here")).toBeVisible();
  await expect(page.getByRole("region", { name: "Differences in output" })).toContainText("$.salt");
  await expectAccessible(page);
  await page.getByLabel("Right run").fill("999999");
  await page.getByRole("button", { name: "Compare runs" }).click();
  await expect(page.getByText("No run #999999.")).toBeVisible();
});

test("50,000 steps: first rows, the last step, an error and a search, all at once there", async ({ page }) => {
  await page.goto(`/runs/${large}`);
  await expect(grid(page).locator('[data-key="s1"]')).toBeVisible();
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "50202");
  expect(await grid(page).getByRole("row").count()).toBeLessThan(100);
  await grid(page).focus();
  await page.keyboard.press("End");
  await expect(grid(page).locator('[data-key="s50000"]')).toBeVisible();
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/step=97/);
  await expect(grid(page).locator('[data-key="s97"]')).toBeVisible();
  await page.getByRole("searchbox", { name: "Search steps by name" }).fill("ask model");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "20201");
  await expectAccessible(page);
});

test("50,000 steps: the beginning stands while the rest is away, and what the address names is gone to when it comes", async ({ page }) => {
  await page.route(`**/api/v1/runs/${large}/trace*`, (route) => route.abort());
  await page.goto(`/runs/${large}?step=40000`);
  await expect(grid(page).locator('[data-key="s1"]')).toBeVisible();
  await expect(page.getByRole("button", { name: "Next error" })).toBeHidden();
  const fault = page.getByRole("alert").filter({ hasText: "its beginning" });
  await expect(fault).toBeVisible();
  await expectAccessible(page);
  await page.unroute(`**/api/v1/runs/${large}/trace*`);
  await fault.getByRole("button", { name: "Try again" }).click();
  await expect(grid(page).locator('[data-key="s40000"]')).toBeVisible();
  await expect(fault).toBeHidden();
});

test("on a phone: fits, opens a step below the trace, and goes back to it", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, `/runs/${small}`);
  for (const view of ["Tree", "List", "Waterfall"]) {
    await page.getByRole("button", { name: view, exact: true }).click();
    await expectNoSidewaysScroll(page);
  }
  await page.getByRole("button", { name: "Next error" }).click();
  await expect(panel(page, "Step 97").getByRole("heading", { name: "parse" })).toBeInViewport();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await panel(page, "Step 97").getByRole("button", { name: "Close step 97" }).click();
  await expect(panel(page, "Step 97")).toBeHidden();
});
