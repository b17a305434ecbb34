import { setTimeout as sleep } from "node:timers/promises";

/** Polls until `probe` gives something true, and returns it. Fails with `what` after `timeoutMs`. */
export async function waitFor<T>(what: string, probe: () => Promise<T | null | undefined | false>, timeoutMs = 15_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
    const value = await probe();
    if (value) return value;
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}`);
}
