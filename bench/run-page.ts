/**
 * How long the Run page takes: the server's time for a run of 50 steps, and for one of 50,000 steps the trace and, in
 * Chromium, the first row that can be seen, the whole trace and the first error that can be jumped to.
 *
 *   node --conditions=react-server bench/run-page.ts [steps of the large run, 50000 unless said]
 *
 * Database, build and web server are real; the database is its own, in .tmp/bench-run-page, and is thrown away.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { findBrowser } from "#lib/testing/browser";
import { makeTrace } from "#lib/testing/traces";
import { readFrom, signInPage, signInTo } from "./web.ts";

const ROUNDS = 200;
/** Before those that are measured: a server that has been up for a while. */
const WARM_UP = 400;
const LARGE_ROUNDS = 5;
const PORT = 4330;
const AT = `http://127.0.0.1:${PORT}`;
const large = Number(process.argv[2] ?? 50_000);
const home = join(ROOT, ".tmp/bench-run-page");

rmSync(home, { recursive: true, force: true });
const server = await startEmbedded(home);
let web: ChildProcess | undefined;
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  // A stage with a past: what is usual, the last success and the neighbours have something to look at.
  for (let n = 0; n < 220; n += 1) await makeTrace(pool, { steps: 5, failing: 0 });
  const [small, big] = [await makeTrace(pool, { steps: 50, failing: 17 }), await makeTrace(pool, { steps: large })];
  await pool.query("vacuum analyze");
  await pool.end();
  await signInTo(server.url);
  web = await startWeb(server.url);

  print("what", "p50 ms", "p95 ms", "kB");
  await measure("an answer of one statement (/health)", "/health", ROUNDS);
  await measure("run page, 50 steps", `/runs/${small}`, ROUNDS);
  await measure("its trace alone", `/api/v1/runs/${small}/trace`, ROUNDS);
  await measure(`run page, ${large} steps`, `/runs/${big}`, ROUNDS);
  await measure("its trace, which the page then asks for", `/api/v1/runs/${big}/trace`, LARGE_ROUNDS * 2);
  await measureBrowser(big);
} finally {
  web?.kill("SIGTERM");
  await server.stop();
  rmSync(home, { recursive: true, force: true });
}

async function startWeb(url: string): Promise<ChildProcess> {
  const child = spawn(join(ROOT, "penstock"), ["web"], { env: { ...process.env, DATABASE_URL: url, PORT: String(PORT), PENSTOCK_HOME: home, PENSTOCK_RATE_LIMIT: "0" }, stdio: ["ignore", "ignore", "inherit"], cwd: ROOT });
  for (let tries = 0; tries < 600; tries += 1) {
    if (await fetch(`${AT}/health`).then((response) => response.ok, () => false)) return child;
    await sleep(200);
  }
  throw new Error("The web server did not come up.");
}

async function measure(what: string, path: string, rounds: number): Promise<void> {
  const times: number[] = [];
  let bytes = 0;
  for (let n = rounds < ROUNDS ? -rounds : -WARM_UP; n < rounds; n += 1) {
    const began = performance.now();
    bytes = await readFrom(AT + path);
    if (n >= 0) times.push(performance.now() - began);
  }
  print(what, ...percentiles(times), bytes / 1000);
}

async function measureBrowser(runId: number): Promise<void> {
  const browser = await chromium.launch({ executablePath: await findBrowser(console.error), args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"] });
  const firstRow: number[] = [];
  const whole: number[] = [];
  const firstError: number[] = [];
  for (let n = 0; n < LARGE_ROUNDS; n += 1) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await signInPage(page, AT);
    await page.goto(`${AT}/health`);
    const began = performance.now();
    await page.goto(`${AT}/runs/${runId}`, { waitUntil: "commit" });
    await page.locator('[role="treegrid"] [role="row"][data-key="s1"]').filter({ visible: true }).first().waitFor();
    firstRow.push(performance.now() - began);
    const nextError = page.getByRole("button", { name: "Next error" });
    await nextError.waitFor();
    whole.push(performance.now() - began);
    const asked = performance.now();
    await nextError.click();
    await page.locator('[role="row"][aria-selected="true"]').waitFor();
    firstError.push(performance.now() - asked);
    await page.close();
  }
  await browser.close();
  print(`Chromium: ${large} steps, first row seen`, ...percentiles(firstRow));
  print("Chromium: the whole of it there", ...percentiles(whole));
  print("Chromium: from click to the first error", ...percentiles(firstError));
}

function percentiles(times: number[]): [number, number] {
  times.sort((a, b) => a - b);
  return [times[Math.floor(times.length * 0.5)] ?? 0, times[Math.floor(times.length * 0.95)] ?? 0];
}

function print(what: string, ...cells: (string | number)[]): void {
  console.log(`${what.padEnd(44)}${cells.map((cell) => (typeof cell === "string" ? cell : cell.toFixed(cell < 10 ? 1 : 0)).padStart(9)).join("")}`);
}
