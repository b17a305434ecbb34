import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const PORT = 4310;
export const PROVIDER_PORT = 4311;

/** Whom the server makes at its start, and the cookies of having signed in as them. */
export const ADMIN = { email: "admin@example.org", password: "a pipe with a gate in it" };
export const SIGNED_IN = `${ROOT}/.tmp/e2e-signed-in.json`;
/** What the command line needs to find the same database. */
export const SERVER_ENV = { PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "" };

/** Nothing outside the tests: a browser that looks for updates only waits for a network that may not be there. */
const BROWSER_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const NEW = ["browse.spec.ts", "operator.spec.ts"];
const FULL = ["access.spec.ts", "ai-audit.spec.ts", "backtests.spec.ts", "hostile.spec.ts", "pause.spec.ts", "programs.spec.ts", "settings.spec.ts", "trading.spec.ts"];

export default defineConfig({
  testDir: ".",
  outputDir: `${ROOT}/.tmp/e2e-results`,
  // One application, one database, one story after another: first those that begin with nothing, last those that leave much behind.
  workers: 1,
  fullyParallel: false,
  projects: [
    { name: "sign-in", testMatch: "sign-in.setup.ts" },
    { name: "new", testMatch: NEW, dependencies: ["sign-in"], use: { storageState: SIGNED_IN } },
    { name: "used", testMatch: /\.spec\.ts$/, testIgnore: [...NEW, ...FULL], dependencies: ["new"], use: { storageState: SIGNED_IN } },
    { name: "full", testMatch: FULL, dependencies: ["used"], use: { storageState: SIGNED_IN } },
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
    // What glides or fades is there at once: a test need not wait for it, and axe does not see it half faded.
    contextOptions: { reducedMotion: "reduce" },
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
        ...SERVER_ENV,
        PENSTOCK_ADMIN_EMAIL: ADMIN.email,
        PENSTOCK_ADMIN_PASSWORD: ADMIN.password,
        PORT: String(PORT),
        PENSTOCK_AI_BASE_URL: `http://127.0.0.1:${PROVIDER_PORT}/v1`,
        PENSTOCK_AI_MODEL: "fake-1",
        PENSTOCK_AI_TIMEOUT_MS: "5000",
        // One attempt, and no long pause once the tests have made the model fail: the next test wants it back.
        PENSTOCK_AI_ATTEMPTS: "1",
        PENSTOCK_AI_PAUSE_MS: "50",
        // One test asks faster than any person; the limit itself is tested by itself.
        PENSTOCK_RATE_LIMIT: "1000",
      },
    },
  ],
});
