/** The other process of bench/engine.ts: a worker with stages that do next to nothing, or Graphile Worker alone. `node … engine-worker.ts <url> penstock|bare <concurrency>` */
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "graphile-worker";
import pg from "pg";
import { PIPELINES } from "#lib/pipelines/registry";
import { startWorker } from "#lib/worker/main";
import { bench } from "./engine-pipeline.ts";

const [, , url = "", what = "penstock", concurrency = "8"] = process.argv;
process.once("disconnect", () => process.exit(0));

if (what === "penstock") {
  PIPELINES.push(bench);
  const worker = await startWorker({ url, concurrency: Number(concurrency), onFatal: (error) => { throw error; } });
  process.once("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
} else {
  const pool = new pg.Pool({ connectionString: url, max: Number(concurrency) + 4 });
  await run({
    pgPool: pool,
    concurrency: Number(concurrency),
    noHandleSignals: true,
    pollInterval: 1_000,
    taskList: {
      spark: async (payload) => { process.send?.({ key: (payload as { key: number }).key, at: performance.timeOrigin + performance.now() }); },
      // As many transactions as a unit that does nothing when it is alone: its claim and its end. Fetching and removing the job are Graphile Worker's own in both, here with its usual settings; our worker does not wait for the disk there.
      trivial: async () => {
        for (let transaction = 0; transaction < 2; transaction += 1) {
          const client = await pool.connect();
          try {
            await client.query("begin");
            await client.query("update bare_units set n = n + 1 where id = $1", [1 + Math.floor(Math.random() * 10_000)]);
            await client.query("commit");
          } finally {
            client.release();
          }
        }
      },
    },
  });
}
await sleep(200);
process.send?.("ready");
setInterval(() => process.send?.({ rss: process.memoryUsage().rss }), 1_000).unref();
