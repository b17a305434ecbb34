/**
 * The heartbeat of a worker process, in a thread of its own: work that blocks the main thread must not look like death.
 * Says `lost` when the row was closed by a sweeper, which means that somebody else has taken over our units, and `drain`
 * with each beat from when somebody has asked for it.
 */
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";

const { url, workerId, everyMs } = workerData as { url: string; workerId: number; everyMs: number };
let client: pg.Client | null = null;

async function beat(): Promise<void> {
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

await beat();
parentPort?.postMessage("first");
