/** A trading desk for tests: real bars of AAPL from a public dataset, an account on paper, and runs carried to their end. */
import { createRequire } from "node:module";
import type { Ctx } from "#lib/ctx";
import { triggerRun } from "#lib/engine/trigger";
import { importPricesFile } from "#lib/pipelines/trading/import-prices";
import { startWorker } from "#lib/worker/main";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { waitFor } from "./wait.ts";

const AAPL = createRequire(import.meta.url).resolve("@observablehq/sample-datasets/aapl.csv");

/** 1 260 daily bars, 13 May 2013 to 11 May 2018. */
export const importApple = (ctx: Ctx) => importPricesFile(ctx, AAPL, { timeframe: "D1" });

/** A database with those bars, and a worker at it. Call in `beforeAll`, and `drop`, which stops the worker first, in `afterAll`. */
export async function openDesk(): Promise<TestDatabase> {
  const database = await cloneDatabase();
  await importApple(database.ctx);
  const worker = await startWorker({ url: database.url, concurrency: 3, onFatal: (error) => { throw error; } });
  return { ...database, drop: async () => { await worker.stop(); await database.drop(); } };
}

let made = 0;
export async function makeAccount({ db }: Ctx, more: Partial<{ name: string; isActive: boolean; autoTradeEnabled: boolean; paperTradeEnabled: boolean; allowedSymbols: string[]; maxLotSize: number }> = {}): Promise<number> {
  made += 1;
  const { id } = await db.account.create({ data: { name: `Paper ${made}`, broker: "Paper broker", login: `paper-${made}`, paperTradeEnabled: true, ...more }, select: { id: true } });
  return id;
}

export type EndedRun = Awaited<ReturnType<typeof endOf>>;

/** The run when it has ended, with its steps in order, its row of the seed's table, and its calls. */
export function endOf({ db }: Ctx, runId: number) {
  return waitFor(`run ${runId} to end`, async () => {
    const found = await db.run.findUniqueOrThrow({ where: { id: runId }, include: { steps: { orderBy: { seq: "asc" } }, trading: true, llmCalls: { orderBy: { id: "asc" } }, subjects: true } });
    return found.completedAt && found;
  });
}

export async function runStage(ctx: Ctx, stage: string, params: Record<string, unknown>): Promise<NonNullable<EndedRun>> {
  const { runId } = await triggerRun(ctx, { pipeline: "trading", stage, params });
  return endOf(ctx, runId);
}

export const stepsOf = (run: { steps: { stepName: string; status: string }[] }): string[] => run.steps.map(({ stepName, status }) => (status === "ok" ? stepName : `${stepName} ${status}`));
export const outputOf = (run: { steps: { stepName: string; outputJson: string | null }[] }, name: string): Record<string, unknown> | null => JSON.parse(run.steps.findLast(({ stepName }) => stepName === name)?.outputJson ?? "null");
