/** A worker process with the chaos pipeline: `node … worker.ts <url> [concurrency]`. Sends its id when it takes units; ends with whoever started it. */
import { PIPELINES } from "#lib/pipelines/registry";
import { startWorker } from "#lib/worker/main";
import { chaos } from "./pipeline.ts";

const [, , url = "", concurrency = "4"] = process.argv;
PIPELINES.push(chaos);
process.once("disconnect", () => process.exit(1));
const worker = await startWorker({
  url,
  concurrency: Number(concurrency),
  onFatal: (error) => {
    console.error(error.message);
    process.exit(1);
  },
});
process.send?.(worker.id);
process.once("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
