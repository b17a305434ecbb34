import type { Db } from "#lib/db/client";
import { VERSION } from "#lib/version";
import { countLiveWorkers } from "#lib/workers/queries";

/** Below the three seconds in which an answer is promised, in milliseconds. */
const PATIENCE_MS = 2_500;

export type Health = {
  status: "healthy" | "unhealthy";
  database: "connected" | "disconnected";
  timestamp: string;
  version: string;
  services: { web: "up"; workers: { status: "up" | "down" | "unknown"; alive: number | null } };
};

/** Asks the database, and does not wait longer than it may. No worker is no fault of the server: runs wait. */
export async function checkHealth(openDb: () => Db, now = new Date()): Promise<Health> {
  const asked = Promise.resolve()
    .then(() => countLiveWorkers({ db: openDb(), actor: { kind: "api", name: "health" } }))
    .catch(() => null);
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), PATIENCE_MS);
  const alive = await Promise.race([asked, late]);
  clearTimeout(timer);
  return {
    status: alive === null ? "unhealthy" : "healthy",
    database: alive === null ? "disconnected" : "connected",
    timestamp: now.toISOString(),
    version: VERSION,
    services: { web: "up", workers: { status: alive === null ? "unknown" : alive > 0 ? "up" : "down", alive } },
  };
}
