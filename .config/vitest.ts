import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  // Outside a server bundle the marker package throws; in tests everything is the server.
  resolve: { alias: { "server-only": new URL("../lib/testing/empty.ts", import.meta.url).pathname } },
  test: {
    include: ["lib/**/*.test.ts"],
    globalSetup: "lib/testing/postgres.ts",
    // Whoever forgets a time zone is found out: this one is off by 5 h 45 min.
    env: { TZ: "Asia/Kathmandu", PENSTOCK_SECRET: "a secret of tests alone, and long enough" },
    pool: "forks",
    maxWorkers: 2,
    // A machine that does other work besides may be late once; the report says "(retry x1)". What fails twice is wrong.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
