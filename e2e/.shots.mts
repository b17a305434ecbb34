import { chromium } from "playwright-core";
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
const pages = process.argv.slice(2);
for (const [w, h] of [[1440, 900], [390, 844]] as const) for (const scheme of ["light", "dark"] as const) {
  const ctx = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme, timezoneId: "Europe/London" });
  const page = await ctx.newPage();
  page.on("console", (m) => m.type() === "error" && console.log(m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log("PAGEERROR", e.message.slice(0, 300)));
  for (const [i, path] of pages.entries()) {
    await page.goto("http://127.0.0.1:3112" + path);
    await page.waitForTimeout(1200);
    if (path === "/schedules") await page.locator("summary").first().click();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) console.log(path, w, "scrolls sideways", over);
    await page.screenshot({ path: `/tmp/sched-scratch/${i}-${w}-${scheme}.png`, fullPage: path !== "/control" });
  }
  await ctx.close();
}
await browser.close();
