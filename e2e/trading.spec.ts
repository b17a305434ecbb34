/** The trading desk from nothing: made-up prices, a signal, what it decided and why, the journal, the trade, and the kill switch. */
import { expect, expectAccessible, expectFitInLightAndDark, expectStatus, note, noted, open, setModel, stage, test } from "./fixtures.ts";


test("a newcomer loads made-up prices, runs a signal, and reads what was decided", async ({ page }) => {
  await setModel("sane");
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/trading$/);
  await page.getByRole("button", { name: "Load made-up prices" }).click();
  await expect(page.getByText(/made-up bars of SAMPLE-UP.*account \d+ on paper/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Prices that are here" })).toContainText("SAMPLE-UP");
  await page.getByRole("link", { name: "Run a signal" }).click();
  await expect(page).toHaveURL(/\/control#trading-signal$/);
  await stage(page, "signal").getByRole("button", { name: "Run signal" }).click();
  await expectStatus(page, "signal", "completed");
  await stage(page, "signal").getByRole("link", { name: /^#\d+ completed$/ }).click();

  const decision = page.getByRole("region", { name: "Decision", exact: true });
  await expect(decision).toContainText("Final action");
  note("signal", new URL(page.url()).pathname);
  const votes = decision.getByRole("table", { name: "Agents and votes" });
  await expect(votes.getByRole("row", { name: /indicator agent BUY.* 40 % fake-1/ })).toBeVisible();
  await expect(votes.getByRole("row", { name: /pattern agent BUY.* 35 %/ })).toBeVisible();
  await expect(votes.getByRole("row", { name: /trend agent BUY.* 25 %/ })).toBeVisible();
  await expect(decision.getByRole("table", { name: "Gates" }).getByRole("row", { name: /confidence gate BUY passed/ })).toBeVisible();
  await expect(decision.getByRole("img", { name: /Price chart: SAMPLE-UP D1, 80 bars .* Decision: BUY, entry .*, stop loss .*, take profit / })).toBeVisible();
  await decision.getByText("Show as table").click();
  await expect(decision.getByRole("region", { name: "Bars of SAMPLE-UP" }).getByRole("row")).toHaveCount(81);
  await expect(page.getByRole("region", { name: "Trace", exact: true })).toContainText("ohlcv_fetch");
});

test("its journal row, its trade, its account and its agents are told, each with the way to the run", async ({ page, request }) => {
  await open(page, "/trading/journal?signal=BUY&symbol=SAMPLE-UP");
  const runPath = noted("signal");
  const run = page.getByRole("link", { name: `#${runPath.split("/").at(-1)}` });
  await expect(page.getByRole("table", { name: "Journal" }).getByRole("row", { name: /SAMPLE-UP D1 BUY 85 %/ }).filter({ has: run })).toBeVisible();
  await page.getByLabel("Signal").selectOption("SELL");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
  await page.getByRole("link", { name: "Clear the filter" }).click();
  await run.first().click();
  await expect(page).toHaveURL(new RegExp(`${runPath}$`));
  await open(page, "/trading/trades?state=open");
  await expect(page.getByRole("table", { name: "Trades" }).getByRole("row", { name: /SAMPLE-UP BUY open/ }).filter({ has: run })).toBeVisible();
  await page.getByRole("navigation", { name: "Parts of the trading desk" }).getByRole("link", { name: "Accounts" }).click();
  await expect(page.getByRole("table", { name: "Accounts" }).getByRole("row", { name: /^Paper .*10.000\.00 USD/ })).toBeVisible();
  await page.getByRole("navigation", { name: "Parts of the trading desk" }).getByRole("link", { name: "Strategies" }).click();
  await expect(page.getByRole("table", { name: "Strategies" }).getByRole("row", { name: /SMA cross/ })).toBeVisible();
  const { data: [trade] } = await (await request.get("/api/v1/trading/trades?state=open&symbol=SAMPLE-UP")).json();
  expect(trade).toMatchObject({ direction: "BUY", accountType: "USD", closedAt: null });
  expect((await request.get("/api/v1/trading/trades?state=ajar")).status()).toBe(400);
});

test("prices from a file: what is bad is named by its line", async ({ page }) => {
  await open(page, "/trading");
  const rows = Array.from({ length: 40 }, (_, n) => `2024-03-${String((n % 28) + 1).padStart(2, "0")}T${String(Math.floor(n / 28)).padStart(2, "0")}:00:00Z,10,12,9,11,100`);
  rows[4] = "2024-03-05T00:00:00Z,10,8,9,11,100";
  await page.getByLabel("CSV file").setInputFiles({ name: "DESK_H1.csv", mimeType: "text/csv", buffer: Buffer.from(["Date,Open,High,Low,Close,Volume", ...rows].join("\n")) });
  await page.getByRole("button", { name: "Import prices" }).click();
  await expect(page.getByText(/DESK_H1\.csv: 39 new bars/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Lines with a problem" })).toContainText("line 6: ");
  await expect(page.getByRole("list", { name: "Prices that are here" })).toContainText("DESK");
});

test("the kill switch needs a reason, fails the next signal with it, and is turned off again", async ({ page, request }) => {
  await open(page, "/workflow");
  await page.getByRole("button", { name: "Turn the kill switch on" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Turn the kill switch on" }).click();
  await expect(dialog).toContainText("Say why");
  await expectAccessible(page);
  await dialog.getByLabel("Reason").fill("The feed is wrong");
  await dialog.getByRole("button", { name: "Turn the kill switch on" }).click();
  await expect(page.getByText(/The kill switch is on: no signal is analysed.*The feed is wrong/)).toBeVisible();
  try {
    await open(page, "/control");
    await stage(page, "signal").getByRole("button", { name: "Run signal" }).click();
    await expectStatus(page, "signal", "failed");
    await stage(page, "signal").getByRole("link", { name: /^#\d+ failed$/ }).click();
    await expect(page.getByRole("region", { name: "Error", exact: true })).toContainText("Kill switch is active - trading halted: The feed is wrong");
    await expect(page.getByRole("region", { name: "Decision", exact: true }).getByRole("table", { name: "Gates" })).toContainText("trading halted");
  } finally {
    await open(page, "/workflow");
    await page.getByRole("button", { name: "Turn the kill switch off" }).click();
    await dialog.getByLabel("Reason").fill("Repaired");
    await dialog.getByRole("button", { name: "Turn the kill switch off" }).click();
    await expect(page.getByRole("table", { name: "Kill switch log" }).getByRole("row", { name: / off Admin Repaired$/ })).toBeVisible();
  }
  expect((await (await request.get("/api/v1/trading/kill-switch")).json()).data).toMatchObject({ isActive: false, reason: "Repaired" });
  expect((await request.put("/api/v1/trading/kill-switch", { data: { isActive: true, reason: " " } })).status()).toBe(400);
  await open(page, "/");
  await expect(page.getByRole("list", { name: "Activity" })).toContainText("Admin turned the kill switch on: The feed is wrong");
});

test("an agent is switched off and on; the page says who did it and how the agent has been", async ({ page }) => {
  await open(page, "/workflow");
  const trend = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "trend agent" }) }).last();
  await expect(trend).toContainText("weight 25 %");
  await expect(trend).toContainText(/\d+ calls?, none failed/);
  await trend.getByRole("button", { name: "Switch trend agent off" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch trend agent off" }).click();
  await expect(trend).toContainText("switched off");
  await trend.getByRole("button", { name: "Switch trend agent on" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch trend agent on" }).click();
  await expect(trend.getByRole("button", { name: "Switch trend agent off" })).toBeVisible();
  await expect(trend).toContainText("last by Admin");
});

for (const width of [1440, 390]) {
  test(`the desk's pages fit and are accessible at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    for (const path of ["/trading", "/workflow", "/trading/journal", "/trading/journal?symbol=NONE", "/trading/trades", "/trading/accounts", "/trading/strategies", noted("signal")]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectFitInLightAndDark(page);
    }
  });
}

test("from a phone the desk is under More", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "/");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Trading" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Trading desk");
});
