/** A process that asks for the same backtest many times at once: `node … trigger-process.ts <url> <times> <params>`. Says `ready`, begins at a line, ends with what came of it. */
import { once } from "node:events";
import { startJob } from "#lib/backtests/mutations";
import { openDb } from "#lib/db/client";

const [, , url = "", times = "1", params = "{}"] = process.argv;
const db = openDb(url, 8);
await db.$queryRaw`select 1`;
console.log("ready");
await once(process.stdin, "data");
const results = await Promise.all(Array.from({ length: Number(times) }, () => startJob({ db, actor: { kind: "cli", name: "test" } }, { params: JSON.parse(params) })));
console.log(JSON.stringify(results.map(({ created, job }) => ({ created, jobId: job.jobId }))));
await db.$disconnect();
process.exit(0);
