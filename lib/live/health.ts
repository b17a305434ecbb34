import type { Db } from "#lib/db/client";
import { listMissingMigrations } from "#lib/db/migrate";
import { messageOf } from "#lib/errors";
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

/** Alive is who answers. */
export const liveness = { status: "alive", version: VERSION };

/** What a process that may serve would be asked for, each reason a sentence. */
export type Readiness = { status: "ready" | "not ready"; reasons: string[]; version: string };

/** Whether the database can be used: reached in time, and with every migration of this version. */
export async function checkReadiness(openDb: () => Db, alsoMissing: string[] = []): Promise<Readiness> {
  const asked = Promise.resolve().then(() => listMissingMigrations(openDb())).then(
    (missing) => (missing.length === 0 ? [] : [`The database lacks ${missing.length} ${missing.length === 1 ? "migration" : "migrations"} of this version: ${missing.slice(0, 5).join(", ")}. ./penstock migrate applies them.`]),
    (error) => [`The database cannot be used: ${lastLine(messageOf(error))}`],
  );
  const reasons = [...alsoMissing, ...(await inTime(asked, [`The database has not answered for ${PATIENCE_MS / 1_000} seconds.`]))];
  return { status: reasons.length === 0 ? "ready" : "not ready", reasons, version: VERSION };
}

/** Clients tell of the statement at length; the last line says what was wrong. */
const lastLine = (message: string): string => message.trim().split("\n").at(-1)?.trim() ?? "";

async function inTime<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
  const answer = await Promise.race([asked, late]);
  clearTimeout(timer);
  return answer;
}

/** Asks the database, and does not wait longer than it may. No worker is no fault of the server: runs wait. */
export async function checkHealth(openDb: () => Db, now = new Date()): Promise<Health> {
  const asked = Promise.resolve()
    .then(() => countLiveWorkers({ db: openDb(), actor: { kind: "worker", name: "health" } }))
    .catch(() => null);
  const alive = await inTime(asked, null);
  return {
    status: alive === null ? "unhealthy" : "healthy",
    database: alive === null ? "disconnected" : "connected",
    timestamp: now.toISOString(),
    version: VERSION,
    services: { web: "up", workers: { status: alive === null ? "unknown" : alive > 0 ? "up" : "down", alive } },
  };
}
