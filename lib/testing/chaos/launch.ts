/** `./penstock start` on a folder of its own, and the processes it consists of. Linux: they are found by /proc. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isAlive } from "#lib/process-alive";
import { ROOT } from "#lib/root";

export type Launched = { url: string; pid: number; child: ChildProcess; /** What it has said. */ said: string[]; hasExited: Promise<unknown> };

/** Starts it, and resolves when it says where the pages are. @throws Error with what it said when it ends before */
export async function launch(home: string, port: number, env: Record<string, string>): Promise<Launched> {
  const { npm_lifecycle_event: _, NODE_ENV: __, ...inherited } = process.env;
  const child = spawn(join(ROOT, "penstock"), ["start"], { cwd: ROOT, env: { ...inherited, PENSTOCK_HOME: home, PORT: String(port), ...env } as unknown as NodeJS.ProcessEnv, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      said.push(line);
      const url = /Penstock is at (http\S+?)[."\s]*$/.exec(line)?.[1];
      if (url) ready.resolve(url);
    });
  }
  const hasExited = once(child, "exit");
  const url = await Promise.race([ready.promise, hasExited.then(() => { throw new Error(said.join("\n")); })]);
  return { url, pid: child.pid ?? 0, child, said, hasExited };
}

const commandOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
};

/** The child of the supervisor that runs `./penstock <what>`; null while it is being started. */
export function childOf({ pid }: Launched, what: "web" | "worker"): number | null {
  for (const entry of readdirSync("/proc").map(Number).filter(Number.isInteger)) {
    const command = commandOf(entry);
    if (!command.includes(what) || !command.some((word) => word.endsWith("lib/cli/main.ts"))) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid) return entry;
    } catch { /* It has ended meanwhile. */ }
  }
  return null;
}

/** The postmaster of `home`; null when it is not alive. */
export function postmasterOf(home: string): number | null {
  try {
    const pid = Number(readFileSync(join(home, "postgres/data/postmaster.pid"), "utf8").split("\n")[0]);
    return isAlive(pid) ? pid : null;
  } catch {
    return null;
  }
}
