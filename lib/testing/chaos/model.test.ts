/** Sequences of acts on the real engine and on the model of it: the same runs, units and jobs after every one. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelRun } from "#lib/engine/cancel";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { commands, type Real } from "./commands.ts";
import type { Model } from "./model.ts";
import { openStepper, script, type Stepper } from "./stepper.ts";

/** Sequences that were found once, and must not be found again. */
const SEEDS: { seed: number; path?: string }[] = [{ seed: 1_226_670_222, path: "599" }];
const RUNS = Number(process.env.CHAOS_SEQUENCES ?? 60);

let database: TestDatabase;
let stepper: Stepper;
beforeAll(async () => {
  PIPELINES.push(script);
  database = await cloneDatabase();
  // Thousands of acts: what they are held against is not what survives a crash of the server.
  await database.db.$executeRaw`do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`;
  await database.db.$disconnect();
  stepper = await openStepper(database.ctx, database.url);
});
afterAll(async () => {
  await stepper.close();
  await database.drop();
});

async function fresh(): Promise<{ model: Model; real: Real }> {
  await stepper.clear();
  return { model: { runs: [], paused: new Set() }, real: { ctx: database.ctx, stepper, ids: [], held: new Map(), zombies: [] } };
}

const property = fc.asyncProperty(fc.commands(commands, { size: "+1", maxCommands: 60 }), (sequence) => fc.asyncModelRun(fresh, sequence));
/** A sequence that takes longer has come to wait for what never comes, in milliseconds. */
const SEQUENCE_MS = 20_000;

test("the engine and the model agree, whatever is done in whatever order", async () => {
  const seed = process.env.SEED ? Number(process.env.SEED) : undefined;
  await fc.assert(property, { numRuns: RUNS, seed, timeout: SEQUENCE_MS, endOnFailure: RUNS > 200 });
}, 600_000);

test.each(SEEDS)("seed $seed, found once", async (found) => {
  await fc.assert(property, { ...found, numRuns: 1 });
});

test("of a run that does not exist nothing is cancelled", async () => {
  await expect(cancelRun(database.ctx, { runId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
