/** The web server as `./penstock web` serves it, for benches: on a database of theirs. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "#lib/root";

/** @param home a folder of its own, beside the database */
export async function startWeb(databaseUrl: string, home: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(join(ROOT, "penstock"), ["web"], { cwd: ROOT, env: { ...process.env, DATABASE_URL: databaseUrl, PENSTOCK_HOME: home, PENSTOCK_RATE_LIMIT: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr?.resume();
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    const url = /Penstock is at (\S+)/.exec(line)?.[1];
    if (url) {
      child.stdout?.resume();
      return { child, url };
    }
  }
  throw new Error("the server did not start");
}
