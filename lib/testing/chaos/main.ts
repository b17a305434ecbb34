/**
 * `npm run chaos`: pulls every plug, and tells what came of it.
 *
 *   SEED=42 npm run chaos -- --kills 100 --runs 500 --databases 10
 *
 * Exits with 1 when a fault was found. Without SEED one is made up and printed.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "#lib/root";
import type { Deeds } from "./nemesis.ts";
import { describeVerdict, openArena, runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "500" },
    workers: { type: "string", default: "2" },
    kills: { type: "string", default: "100" },
    databases: { type: "string", default: "10" },
    pauses: { type: "string", default: "10" },
    terms: { type: "string", default: "10" },
    failpoints: { type: "string", default: "20" },
    sessions: { type: "string", default: "5" },
    /** Milliseconds from one deed to the next. */
    gap: { type: "string", default: "100-900" },
    minutes: { type: "string", default: "0" },
  },
});
const until = performance.now() + Number(values.minutes) * 60_000;
const deeds: Deeds = { kill: Number(values.kills), database: Number(values.databases), pause: Number(values.pauses), term: Number(values.terms), failpoint: Number(values.failpoints), session: Number(values.sessions) };
const [least = 100, most = least] = values.gap.split("-").map(Number);
const say = (line: string) => console.log(line);
let faults = 0;
for (let seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31)), round = 0; round === 0 || performance.now() < until; seed += 1, round += 1) {
  const arena = await openArena(join(ROOT, ".tmp/chaos"));
  try {
    const verdict = await runChaos(arena, { seed, runs: Number(values.runs), workers: Number(values.workers), deeds, gapMs: { least, most }, sleepMs: 30, say });
    say(describeVerdict(verdict));
    faults += verdict.faults.length;
  } finally {
    await arena.close();
  }
}
process.exit(faults === 0 ? 0 : 1);
