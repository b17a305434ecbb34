import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const PORT = 4310;
export const PROVIDER_PORT = 4311;

/** Nothing outside the tests: a browser that looks for updates only waits for a network that may not be there. */
const BROWSER_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const NEW = ["browse.spec.ts", "operator.spec.ts"];
const FULL = ["ai-audit.spec.ts", "backtests.spec.ts", "pause.spec.ts", "programs.spec.ts", "trading.spec.ts"];

export default defineConfig({
  testDir: ".",
  outputDir: `${ROOT}/.tmp/e2e-results`,
  // One application, one database, one story after another: first those that begin with nothing, last those that leave much behind.
  workers: 1,
  fullyParallel: false,
  projects: [
    { name: "new", testMatch: NEW },
    { name: "used", testIgnore: [...NEW, ...FULL], dependencies: ["new"] },
    { name: "full", testMatch: FULL, dependencies: ["used"] },
  ],
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  // A machine that does other work besides may be late once; what fails twice is wrong.
  retries: process.env.CI ? 1 : 0,
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.PENSTOCK_TEST_BROWSER, args: BROWSER_FLAGS },
  },
  webServer: [
    { command: `"${process.execPath}" e2e/fake-provider.ts ${PROVIDER_PORT}`, cwd: ROOT, url: `http://127.0.0.1:${PROVIDER_PORT}/mode`, reuseExistingServer: false },
    {
      command: "exec ./penstock start",
      cwd: ROOT,
      url: `http://127.0.0.1:${PORT}/health`,
      timeout: 120_000,
      reuseExistingServer: false,
      gracefulShutdown: { signal: "SIGTERM", timeout: 45_000 },
      env: {
        PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`,
        PORT: String(PORT),
        PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${PROVIDER_PORT}/v1`,
        PENSTOCK_AI_MODEL: "fake-1",
        PENSTOCK_AI_TIMEOUT_MS: "5000",
        // One attempt, and no long pause once the tests have made the model fail: the next test wants it back.
        PENSTOCK_AI_ATTEMPTS: "1",
        PENSTOCK_AI_PAUSE_MS: "50",
        DATABASE_URL: "",
      },
    },
  ],
});
