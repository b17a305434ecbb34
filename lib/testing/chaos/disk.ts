/** A disk that fills up: a small file system in memory for the database, which takes root to make. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { triggerRun } from "#lib/engine/trigger";
import { messageOf } from "#lib/errors";
import { ROOT } from "#lib/root";
import type { Client } from "./client.ts";
import { startAgain } from "./nemesis.ts";
import type { Arena, Say } from "./run.ts";

const SIZE_MB = 320;
const MOUNT = join(ROOT, ".tmp/chaos-disk");

/** @throws Error when this user may not mount. */
export async function withSmallDisk<T>(work: (home: string) => Promise<T>): Promise<T> {
  mkdirSync(MOUNT, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MB}m,mode=755`, "penstock-chaos", MOUNT], { encoding: "utf8" });
  if (mounted.status !== 0) throw new Error(`No small disk can be mounted: ${mounted.stderr || mounted.error?.message}`);
  try {
    return await work(join(MOUNT, "home"));
  } finally {
    spawnSync("umount", ["-l", MOUNT]);
    rmSync(MOUNT, { recursive: true, force: true });
  }
}

/** Fills the disk to the last block, three times for some seconds, while runs go on; the server is started again should it have ended. */
export async function fillDisk({ home, ctx }: Arena, { acts }: Client, say: Say): Promise<void> {
  const ballast = join(MOUNT, "ballast");
  for (let round = 1; round <= 3; round += 1) {
    await sleep(4_000);
    const fill = () => {
      const { bavail, bsize } = statfsSync(MOUNT);
      if (bavail > 0) writeFileSync(ballast, Buffer.alloc(bavail * bsize), { flag: "a" });
    };
    for (const until = performance.now() + 5_000; performance.now() < until; await sleep(100)) try { fill(); } catch { /* Somebody else took the last block, which is as well. */ }
    // A block that something else frees may let one more in: it is asked for like all others, and must end like them.
    const act = { act: "trigger" as const, key: `full-${round}`, items: 1, units: 1 };
    acts.push({ ...act, runIds: null });
    const refusal = await triggerRun(ctx, { pipeline: "chaos", stage: "first", params: { units: 1, items: 1 }, idempotencyKey: act.key }).then(({ runId }) => {
      acts.push({ ...act, runIds: [runId] });
      return `it still took run #${runId}`;
    }, messageOf);
    const reads = await ctx.db.run.count().then((runs) => `reads go on (${runs} runs)`, (error) => `reads fail: ${messageOf(error)}`);
    say(`full ${round}: ${reads}; a trigger: ${refusal.split("\n").at(-1)?.slice(0, 140)}`);
    rmSync(ballast, { force: true });
    await startAgain(home);
    say(`freed ${round}`);
  }
}
