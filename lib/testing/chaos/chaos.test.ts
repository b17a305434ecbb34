/** The short form of `npm run chaos`: a few of everything, on a PostgreSQL of its own that may be killed. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDb } from "#lib/db/client";
import { triggerRun } from "#lib/engine/trigger";
import { ROOT } from "#lib/root";
import { killDatabase } from "./nemesis.ts";
import { type Arena, describeVerdict, openArena, runChaos } from "./run.ts";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(join(ROOT, ".tmp/chaos-short"));
});
afterAll(() => arena.close());

test(`workers killed, paused, told to stop, dying at boundaries, the database killed twice (SEED=${SEED}): nothing lost, doubled or stuck`, async () => {
  const lines: string[] = [];
  const verdict = await runChaos(arena, {
    seed: SEED, runs: 60, workers: 2, gapMs: { least: 200, most: 1_200 }, sleepMs: 30, say: (line) => lines.push(line),
    deeds: { kill: 8, database: 2, pause: 1, term: 1, failpoint: 4, session: 1 },
  });
  expect(verdict.faults, `${lines.join("\n")}\n${describeVerdict(verdict)}`).toEqual([]);
  expect(verdict.acknowledged).toBeGreaterThanOrEqual(60);
  expect(verdict.retried).toBeGreaterThan(0);
}, 300_000);

test("500 triggers at once with one key, from three processes' worth of connections, the database killed among them: one run", async () => {
  const clients = Array.from({ length: 3 }, () => openDb(arena.server.url, 20));
  try {
    const ask = async (index: number): Promise<{ runId: number; created: boolean }> => {
      for (;;) {
        const answer = await triggerRun({ db: clients[index % 3]!, actor: { kind: "cli", name: "test" } }, { pipeline: "chaos", stage: "first", params: { units: 1 }, idempotencyKey: "one of five hundred" }).catch(() => null);
        if (answer) return answer;
      }
    };
    const asked = Promise.all(Array.from({ length: 500 }, (_, index) => ask(index)));
    await killDatabase(arena.home);
    const answers = await asked;
    expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
    expect(answers.filter(({ created }) => created).length).toBeLessThanOrEqual(1);
    expect(await arena.ctx.db.run.count({ where: { idempotencyKey: "one of five hundred" } })).toBe(1);
  } finally {
    await Promise.all(clients.map((db) => db.$disconnect()));
  }
}, 60_000);
