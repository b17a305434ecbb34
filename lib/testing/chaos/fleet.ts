/** Worker processes that are kept running, as a supervisor would, so that they can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "#lib/process-alive";
import { ROOT } from "#lib/root";
import { WORLD_VARIABLE } from "./pipeline.ts";

const RESTART_MS = 100;

export type Member = { slot: number; pid: number; /** Its row, once it takes units. */ workerId: number | null; isPaused: boolean; child: ChildProcess };
export type Fleet = {
  members(): Member[];
  /** How many processes have ended so far, whoever wanted it, and how. */
  ends: Map<string, number>;
  /** The member that starts next in this slot obeys these failpoints; those after it none. */
  arm(slot: number, failpoints: string): void;
  stop(): Promise<void>;
};

export type FleetOptions = { workers: number; worldUrl: string; /** Where each slot finds the database. */ urlOf(slot: number): string; concurrency?: number; /** Put before the command line of a slot, such as `ip netns exec …`. */ prefixOf?(slot: number): string[]; /** The checkout whose code a slot runs. */ rootOf?(slot: number): string };

export function startFleet({ workers, worldUrl, urlOf, concurrency = 4, prefixOf = () => [], rootOf = () => ROOT }: FleetOptions): Fleet {
  const members = new Map<number, Member>();
  const armed = new Map<number, string>();
  const ends = new Map<string, number>();
  let isStopping = false;

  function start(slot: number): void {
    if (isStopping) return;
    const { PENSTOCK_FAILPOINTS: _, ...inherited } = process.env;
    const failpoints = armed.get(slot);
    armed.delete(slot);
    const root = rootOf(slot);
    const [command = "", ...args] = [...prefixOf(slot), process.execPath, "--conditions=react-server", "--disable-warning=ExperimentalWarning", join(root, "lib/testing/chaos/worker.ts"), urlOf(slot), String(concurrency)];
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "ignore", "ignore", "ipc"], env: { ...inherited, PENSTOCK_ROOT: root, NODE_ENV: "test", [WORLD_VARIABLE]: worldUrl, ...(failpoints ? { PENSTOCK_FAILPOINTS: failpoints } : {}) } });
    const member: Member = { slot, pid: child.pid ?? 0, workerId: null, isPaused: false, child };
    members.set(slot, member);
    child.once("message", (id) => { member.workerId = Number(id); });
    child.once("exit", (code, signal) => {
      const how = signal ?? `exit ${code}`;
      ends.set(how, (ends.get(how) ?? 0) + 1);
      members.delete(slot);
      setTimeout(() => start(slot), RESTART_MS);
    });
  }
  for (let slot = 0; slot < workers; slot += 1) start(slot);

  return {
    members: () => [...members.values()],
    ends,
    arm: (slot, failpoints) => armed.set(slot, failpoints),
    stop: async () => {
      isStopping = true;
      for (const { child } of members.values()) {
        child.kill("SIGCONT");
        child.kill("SIGTERM");
      }
      for (let waited = 0; [...members.values()].some(({ pid }) => isAlive(pid)) && waited < 25_000; waited += 50) await sleep(50);
      for (const { child } of members.values()) child.kill("SIGKILL");
    },
  };
}
