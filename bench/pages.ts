/**
 * The pages over a million runs in a real browser: first paint, layout shift, JavaScript sent, how soon a key or a click shows,
 * and pictures to look at.
 *
 *   node --conditions=react-server bench/pages.ts [runs, 1000000 unless said]
 *
 * Reads the database that bench/runs.ts makes; pictures go to .tmp/bench-pages.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "@playwright/test";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { findBrowser } from "#lib/testing/browser";
import { signInPage, startWeb } from "./web.ts";

const RUNS = Number(process.argv[2] ?? 1_000_000);
const PICTURES = join(ROOT, ".tmp/bench-pages");
const PAGES: [name: string, path: string][] = [["dashboard", "/"], ["dashboard of 7 days", "/?created=7d"], ["runs", "/runs"], ["failed runs, 500 a page", "/runs?status=failed&limit=500"]];
const ROUNDS = 5;

const server = await startEmbedded(join(ROOT, `.tmp/bench-runs-${RUNS}`));
try {
  await migrate(server.url);
  const web = await startWeb(server.url, join(ROOT, ".tmp/bench-runs-home"));
  mkdirSync(PICTURES, { recursive: true });
  const browser = await chromium.launch({
    executablePath: await findBrowser((line) => console.error(line)),
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    console.log(`${"page".padEnd(28)}${["first paint", "layout shift", "JS gzip kB", "key ms", "click ms"].map((word) => word.padStart(14)).join("")}`);
    for (const [name, path] of PAGES) {
      const paints: number[] = [];
      let shift = 0;
      let script = 0;
      let key = Number.NaN;
      let click = Number.NaN;
      for (let round = 0; round < ROUNDS; round += 1) {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        await signInPage(page, web.url);
        script = await countScript(page, () => page.goto(web.url + path, { waitUntil: "load" }));
        await page.waitForTimeout(1_500);
        paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN));
        shift = Math.max(shift, await shiftOf(page));
        if (path.startsWith("/runs") && round === ROUNDS - 1) {
          key = await untilPainted(page, () => page.keyboard.press("j"));
          click = await untilPainted(page, () => page.locator("tbody input").first().click());
        }
        await page.close();
      }
      paints.sort((a, b) => a - b);
      console.log(`${name.padEnd(28)}${[`${paints[ROUNDS >> 1]?.toFixed(0)} ms`, shift.toFixed(4), (script / 1_000).toFixed(0), key.toFixed(0), click.toFixed(0)].map((cell) => cell.padStart(14)).join("")}`);
      for (const width of [1440, 390]) {
        for (const colorScheme of ["light", "dark"] as const) {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
          await signInPage(page, web.url);
          await page.goto(web.url + path, { waitUntil: "load" });
          await page.waitForTimeout(1_500);
          await page.screenshot({ path: join(PICTURES, `${name.replaceAll(/\W+/g, "-")}-${width}-${colorScheme}.png`) });
          await page.close();
        }
      }
    }
  } finally {
    await browser.close();
    web.child.kill("SIGTERM");
  }
} finally {
  await server.stop();
}

/** All the JavaScript that the page asked for until it was loaded, as gzip would send it, in bytes. */
async function countScript(page: Page, act: () => Promise<unknown>): Promise<number> {
  const bodies: Promise<number>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") bodies.push(response.body().then((body) => gzipSync(body).byteLength).catch(() => 0));
  });
  await act();
  return (await Promise.all(bodies)).reduce((sum, size) => sum + size, 0);
}

function shiftOf(page: Page): Promise<number> {
  return page.evaluate(() => new Promise<number>((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 100);
  }));
}

/** From the event's own time to the frame after it has been dealt with, in milliseconds. */
async function untilPainted(page: Page, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    const noted = window as unknown as { painted?: Promise<number> };
    noted.painted = new Promise((resolve) => {
      const onInput = (event: Event) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - event.timeStamp)));
      for (const type of ["keydown", "pointerdown"]) document.addEventListener(type, onInput, { once: true, capture: true });
    });
  });
  await act();
  return page.evaluate(() => (window as unknown as { painted: Promise<number> }).painted);
}
