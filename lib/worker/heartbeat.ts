/**
 * The heartbeat of a worker process, in a thread of its own: work that blocks the main thread must not look like death.
 * Says `lost` when the row was closed by a sweeper, which means that somebody else has taken over our units, and `drain`
 * with each beat from when somebody has asked for it.
 *
 * It also ends the process when the main thread hangs while it holds a unit that is long over its time: nobody else can
 * give back what that thread keeps, least of all where this is the only worker. Without a time limit nothing is ended.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";

/** What the main thread says of a unit it begins to hold, and, with null, that it has let go of it. */
export type TimeLimit = { unit: string; limitMs: number | null };

const { url, workerId, everyMs, overdueMs } = workerData as { url: string; workerId: number; everyMs: number; overdueMs: number };
let client: pg.Client | null = null;

/** The main thread hangs when it has not answered for so long, in milliseconds. */
const HANGS_MS = 10_000;
let answeredAt = performance.now();
/** Until when the units that the worker holds should have ended at the latest, of those that have a limit. */
const limits = new Map<string, number>();
parentPort?.on("message", (said: "here" | TimeLimit) => {
  answeredAt = performance.now();
  if (said === "here") return;
  if (said.limitMs === null) limits.delete(said.unit);
  else limits.set(said.unit, answeredAt + said.limitMs + overdueMs);
});

async function beat(): Promise<void> {
  parentPort?.postMessage("are you there");
  endIfOverdue();
  try {
    if (!client) {
      const opened = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 5_000, application_name: "penstock heartbeat" });
      opened.on("error", () => { client = null; });
      await opened.connect();
      client = opened;
    }
    const { rows: [row] } = await client.query("update workers set heartbeat_at = clock_timestamp() where id = $1 and stopped_at is null returning drain_requested_by as by", [workerId]);
    if (!row) parentPort?.postMessage("lost");
    else if (row.by !== null) parentPort?.postMessage("drain");
  } catch {
    // The main thread's own session notices a database that went away; here the next beat tries again.
    await client?.end().catch(() => {});
    client = null;
  }
  setTimeout(beat, everyMs);
}

function endIfOverdue(): void {
  if (performance.now() - answeredAt < HANGS_MS) return;
  const overdue = [...limits].find(([, until]) => performance.now() > until);
  if (!overdue) return;
  // Not by the log, which belongs to the thread that hangs.
  writeSync(2, `${JSON.stringify({ level: "error", time: new Date().toISOString(), msg: `The worker hangs in unit ${overdue[0]}, which is over its time limit; it ends`, worker: workerId })}\n`);
  process.kill(process.pid, "SIGKILL");
}

await beat();
parentPort?.postMessage("first");
