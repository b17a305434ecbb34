/** A worker process with the lab pipeline, to be killed by tests: `node … lab-worker.ts <url>`. Says `ready` when it takes units. */
import { PIPELINES } from "#lib/pipelines/registry";
import { startWorker } from "#lib/worker/main";
import { lab } from "./lab.ts";
import { patience } from "./patience.ts";
import { programs } from "./programs.ts";

PIPELINES.push(lab, programs, patience);
const worker = await startWorker({
  url: process.argv[2] ?? "",
  concurrency: 2,
  onFatal: (error) => {
    console.error(error.message);
    process.exit(1);
  },
});
console.log("ready");
process.once("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
