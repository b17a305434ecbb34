import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#lib/errors";

const WAIT_MS = 60_000;

/** Runs `fn` while this process alone holds `path`. A lock whose owner is dead is taken over. */
export async function withFileLock<T>(path: string, fn: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  while (!tryLock(path)) {
    if (Date.now() > deadline) throw new AppError("UNAVAILABLE", `Another process holds ${path} for over a minute. If none is starting, delete the file.`);
    await sleep(50);
  }
  try {
    return await fn();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (!ownerIsAlive(path)) rmSync(path, { force: true });
  return false;
}

function ownerIsAlive(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // An empty file is one being written at this moment.
    if (!pid) return true;
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
