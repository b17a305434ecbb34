/** What `./penstock test` runs, and how each part's passes and failures are counted. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "#lib/errors";
import { ROOT } from "#lib/root";
import { findBrowser } from "./browser.ts";

type Counts = { passed: number; failed: number };
type Say = (line: string) => void;
export type Phase = { name: "check" | "unit" | "e2e"; what: string; run(say: Say): Promise<Counts> };

const bin = (name: string) => join(ROOT, "node_modules", name);
const REPORTS = join(ROOT, ".tmp");

export const PHASES: Phase[] = [
  { name: "check", what: "types and lint", run: check },
  { name: "unit", what: "units and database", run: unit },
  { name: "e2e", what: "the pages in a browser", run: e2e },
];

/** Runs a phase; one that cannot run at all counts as one failure, and says why. */
export async function runPhase(phase: Phase, say: Say): Promise<Counts> {
  mkdirSync(REPORTS, { recursive: true });
  try {
    return await phase.run(say);
  } catch (error) {
    say(messageOf(error));
    return { passed: 0, failed: 1 };
  }
}

/** Each check is one test: it passes or it does not. */
async function check(): Promise<Counts> {
  const codes = [
    await node([bin("next/dist/bin/next"), "typegen"]),
    await node([bin("typescript/bin/tsc"), "--noEmit", "--incremental", "false", "-p", "."]),
    await node([bin("@biomejs/biome/bin/biome"), "check", "--config-path=.biome.json", "--diagnostic-level=error", "."]),
  ];
  const failed = codes.filter((code) => code !== 0).length;
  return { passed: codes.length - failed, failed };
}

const VitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numFailedTestSuites: z.number() });

async function unit(): Promise<Counts> {
  const file = join(REPORTS, "unit.json");
  rmSync(file, { force: true });
  const code = await node([bin("vitest/vitest.mjs"), "run", "-c", ".config/vitest.ts", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
  const report = VitestReport.parse(JSON.parse(readFileSync(file, "utf8")));
  // A file that cannot be loaded fails as a suite and has no failed test of its own; a database that cannot be had fails nothing but the run.
  return { passed: report.numPassedTests, failed: Math.max(report.numFailedTests, report.numFailedTestSuites, code === 0 ? 0 : 1) };
}

const PlaywrightReport = z.object({ stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }), errors: z.array(z.object({ message: z.string().optional() })) });

async function e2e(say: Say): Promise<Counts> {
  const { ensureBuild } = await import("#lib/supervisor/build");
  await ensureBuild(say);
  const file = join(REPORTS, "e2e.json");
  rmSync(join(REPORTS, "e2e-home"), { recursive: true, force: true });
  rmSync(file, { force: true });
  const code = await node([bin("@playwright/test/cli.js"), "test", "-c", "e2e/playwright.config.ts", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    PENSTOCK_TEST_BROWSER: await findBrowser(say),
  });
  const { stats, errors } = PlaywrightReport.parse(JSON.parse(readFileSync(file, "utf8")));
  if (stats.flaky > 0) say(`${stats.flaky} passed only when tried again: see the list above`);
  return { passed: stats.expected + stats.flaky, failed: Math.max(stats.unexpected, errors.length, code === 0 ? 0 : 1) };
}

/** Runs a tool of ours with this Node, its output going to standard error. Resolves with the exit code. */
function node(args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", 2, 2], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env } });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
