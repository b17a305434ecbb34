/**
 * How fast mail is imported, and how fast one worker takes it through `metadata` and `content`; how much memory the
 * worker needs at its peak; and what share of the content stage is the parsing library's own time.
 *
 *   node --conditions=react-server bench/mail.ts [messages = 20000]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDb, type PrismaClient } from "#lib/db/client";
import { connect } from "#lib/db/connect";
import { triggerRun } from "#lib/engine/trigger";
import { parseEnv } from "#lib/env";
import { importMailStream } from "#lib/pipelines/mail/import";
import { sampleArchive } from "#lib/pipelines/mail/sample";
import { ROOT } from "#lib/root";

const messages = Number(process.argv[2] ?? 20_000);
const home = join(ROOT, ".tmp/bench-mail");

rmSync(home, { recursive: true, force: true });
const env = parseEnv({ PENSTOCK_HOME: home });
const { url, release } = await connect(env);
const db = openDb(url);
const ctx = { db, actor: { kind: "cli" as const, name: "bench" } };
const worker = await startWorker(url);
const peak = watchMemory(worker);
try {
  const begun = performance.now();
  const imported = await importMailStream(ctx, { name: "bench.mbox", chunks: sampleArchive(messages) });
  const importMs = performance.now() - begun;
  const stored = imported.messages;
  const rows: [string, string][] = [
    ["messages stored", `${stored} (${Math.round(imported.bytes / 2 ** 20)} MB, ${imported.duplicates} duplicates, ${imported.problems} with a problem)`],
    ["import", `${rate(stored, importMs)} messages/s (generating them included)`],
  ];
  const parseMs = await timeParser(db);
  for (const stage of ["metadata", "content"]) {
    const { runId } = await triggerRun(ctx, { pipeline: "mail", stage });
    const run = await ended(db, runId);
    if (run.status !== "completed" || run.itemsProcessed !== stored) throw new Error(`${stage} ended ${run.status} with ${run.itemsProcessed} of ${stored} items: ${run.errorMessage}`);
    rows.push([stage, `${rate(stored, run.durationMs ?? 0)} messages/s`]);
    if (stage === "content") rows.push(["  of which postal-mime", `${Math.round((100 * parseMs) / (run.durationMs ?? 1))} % (${Math.round(parseMs)} ms alone, of ${run.durationMs} ms)`]);
  }
  rows.push(["worker's memory at its peak", `${Math.round(peak() / 1024)} MB`]);
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
} finally {
  worker.kill("SIGTERM");
  await new Promise((resolve) => worker.once("exit", resolve));
  await db.$disconnect();
  await release();
  rmSync(home, { recursive: true, force: true });
}

function rate(count: number, ms: number): number {
  return Math.round((1000 * count) / ms);
}

async function startWorker(databaseUrl: string): Promise<ChildProcess> {
  const child = spawn(join(ROOT, "penstock"), ["worker"], { stdio: ["ignore", "inherit", "inherit", "ipc"], env: { ...process.env, DATABASE_URL: databaseUrl } });
  await new Promise((resolve) => child.once("message", resolve));
  return child;
}

/** Samples the resident memory of a process; the returned function gives the largest seen so far, in kB. */
function watchMemory({ pid }: ChildProcess): () => number {
  let largest = 0;
  setInterval(() => {
    try {
      largest = Math.max(largest, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0));
    } catch {
      // It has ended; what was seen stands.
    }
  }, 100).unref();
  return () => largest;
}

async function ended(client: PrismaClient, runId: number) {
  for (;;) {
    const run = await client.run.findUniqueOrThrow({ where: { id: runId }, select: { status: true, itemsProcessed: true, durationMs: true, errorMessage: true, completedAt: true } });
    if (run.completedAt) return run;
    await sleep(100);
  }
}

/** How long the parsing library alone takes for the same bytes, one message after another, in milliseconds. */
async function timeParser(client: PrismaClient): Promise<number> {
  const { default: PostalMime } = await import("postal-mime");
  let total = 0;
  for (let after = 0n; ; ) {
    const batch = await client.mailRaw.findMany({ where: { messageId: { gt: after } }, orderBy: { messageId: "asc" }, take: 200 });
    const last = batch.at(-1);
    if (!last) return total;
    after = last.messageId;
    for (const { raw } of batch) {
      const begun = performance.now();
      await PostalMime.parse(raw).catch(() => {});
      total += performance.now() - begun;
    }
  }
}
