/** What a unit has counted is counted once, also when the database refuses it in the middle. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { definePipeline, defineStage, unit, wave } from "./define.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let worker: RunningWorker;
let mayEnd = false;
const counting = definePipeline("counting", {
  title: "Counting",
  description: "For this test",
  stages: [
    defineStage("slowly", {
      title: "Counts, and goes on",
      description: "",
      itemsName: "items",
      rowsName: "rows",
      params: z.object({}),
      plan: async function* () {
        yield wave([unit("only", {})]);
      },
      unit: async (ctx) => {
        ctx.log("begun");
        ctx.items.total(4);
        ctx.items.done(3);
        while (!mayEnd) await sleep(20);
        ctx.items.done(1);
      },
    }),
  ],
});
beforeAll(async () => {
  PIPELINES.push(counting);
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

test("a count that was refused goes with the next one, and none with two", async () => {
  await database.db.$executeRaw`create sequence refusals`;
  await database.db.$executeRaw`
    create function refuse_first() returns trigger language plpgsql as $$
    begin
      if new.items_done > old.items_done and nextval('refusals') <= 2 then raise exception 'refused'; end if;
      return new;
    end $$`;
  await database.db.$executeRaw`create trigger refuse_first before update on run_units for each row execute function refuse_first()`;
  const { runId } = await triggerRun(database.ctx, { pipeline: "counting", stage: "slowly", params: {} });
  await waitFor("two refusals", async () => Number((await database.db.$queryRaw<{ n: bigint }[]>`select last_value as n from refusals`)[0]?.n) >= 2, 30_000);
  mayEnd = true;
  const run = await waitFor("the run to end", async () => {
    const found = await database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { where: { kind: "work" } }, logs: true } });
    return found.completedAt && found;
  }, 30_000);
  expect(run).toMatchObject({ status: "completed", itemsProcessed: 4, itemsFailed: 0, units: [{ attempt: 1, itemsDone: 4, itemsTotal: 4 }] });
  expect(run.logs.map(({ line }) => line)).toEqual(["begun"]);
}, 90_000);
