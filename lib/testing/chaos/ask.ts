/** An act of an operator, done by a process of its own that may die in it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "#lib/root";

export type ActorOptions = { failpoints?: string; /** The checkout whose code does it. */ root?: string };

/** @returns what the act (actor.ts) answered; null when its process ended before */
export async function askActor<T>(url: string, act: string, input: unknown, { failpoints, root = ROOT }: ActorOptions = {}): Promise<T | null> {
  const { PENSTOCK_FAILPOINTS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(root, "lib/testing/chaos/actor.ts"), url, act, JSON.stringify(input)], { cwd: root, stdio: ["ignore", "ignore", "inherit", "ipc"], env: { ...inherited, PENSTOCK_ROOT: root, NODE_ENV: "test", ...(failpoints ? { PENSTOCK_FAILPOINTS: failpoints } : {}) } });
  let answer: T | null = null;
  child.on("message", (message) => { answer = message as T; });
  await new Promise((resolve) => child.once("exit", resolve));
  return answer;
}
