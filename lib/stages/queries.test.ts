import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { definePipeline, defineStage } from "#lib/engine/define";
import { PIPELINES } from "#lib/pipelines/registry";
import { listPipelines } from "#lib/stages/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";

let test: TestDatabase;
const stage = (name: string, rows: () => Promise<number>) =>
  defineStage(name, { title: name, description: "", itemsName: "items", rowsName: "rows", params: z.object({}), rows, waiting: async () => 2, plan: async function* () {}, unit: async () => {} });
const shop = definePipeline("shop", {
  title: "Shop",
  description: "",
  stages: [
    stage("orders", async () => 5),
    stage("invoices", async () => {
      throw new Error("no such table");
    }),
  ],
});

beforeAll(async () => {
  test = await cloneDatabase();
  PIPELINES.push(shop);
});
afterAll(async () => {
  PIPELINES.splice(PIPELINES.indexOf(shop), 1);
  await test.drop();
});

it("shows the last and the active run of each stage, and a failing count leaves the rest standing", async () => {
  const run = (data: object) => test.db.run.create({ data: { pipeline: "shop", stage: "orders", ...data } });
  await run({ status: "completed", startedAt: new Date(), completedAt: new Date() });
  const active = await run({ status: "running", startedAt: new Date() });
  const last = await run({ status: "skipped", completedAt: new Date() });

  const [orders, invoices] = (await listPipelines(test.ctx)).find(({ name }) => name === "shop")?.stages ?? [];
  expect(orders).toMatchObject({ rows: 5, waiting: 2, countError: null, lastRun: { id: Number(last.id) }, activeRun: { id: Number(active.id) } });
  expect(invoices).toMatchObject({ rows: null, waiting: 2, countError: "no such table", lastRun: null, activeRun: null });
});
