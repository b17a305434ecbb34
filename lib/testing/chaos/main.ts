/**
 * `npm run chaos`: pulls every plug, and tells what came of it.
 *
 *   SEED=42 npm run chaos -- --kills 100 --runs 500 --databases 10
 *   npm run chaos -- --only matrix       a death at every failpoint, for every kind of unit
 *   npm run chaos -- --only disk         the database's disk fills up, and is freed
 *   npm run chaos -- --only network      workers in namespaces of their own: cut, slow, healed
 *   npm run chaos -- --only proxy        the same on any machine: the way to the database long, silent, cut
 *   npm run chaos -- --only start        ./penstock start, each of its processes killed in turn (Linux)
 *   npm run chaos -- --only upgrade --before ../before   workers of an earlier checkout, and the database migrated under them
 *
 * Exits with 1 when a fault was found. Without SEED one is made up and printed. `--minutes` goes on with the seeds after it.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "#lib/root";
import { CELLS, runMatrix } from "./matrix.ts";
import type { Deeds } from "./nemesis.ts";
import { openProxy, troubleProxies } from "./proxy.ts";
import { type Arena, describeVerdict, openArena, runChaos, type Verdict } from "./run.ts";
import { fillDisk, withSmallDisk } from "./disk.ts";
import { withNetwork } from "./network.ts";
import { seeded } from "./random.ts";
import { chaosOfStart } from "./start.ts";
import { chaosOfUpgrade } from "./upgrade.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "storm" },
    runs: { type: "string", default: "500" },
    workers: { type: "string", default: "2" },
    kills: { type: "string", default: "100" },
    databases: { type: "string", default: "10" },
    pauses: { type: "string", default: "10" },
    terms: { type: "string", default: "10" },
    failpoints: { type: "string", default: "20" },
    /** Of `start`: how often each of its processes is killed. */
    rounds: { type: "string", default: "2" },
    /** Of `matrix`: the first and the last of its cells, counted from 1. */
    cells: { type: "string", default: "1-" },
    /** Of `upgrade`: a checkout of the version before, set up. */
    before: { type: "string", default: "" },
    sessions: { type: "string", default: "5" },
    /** Milliseconds from one deed to the next. */
    gap: { type: "string", default: "100-900" },
    minutes: { type: "string", default: "0" },
  },
});
const NOTHING: Deeds = { kill: 0, database: 0, pause: 0, term: 0, failpoint: 0, session: 0 };
const [least = 100, most = least] = values.gap.split("-").map(Number);
const gapMs = { least, most };
const say = (line: string) => console.log(line);
const home = join(ROOT, ".tmp/chaos");
const common = { runs: Number(values.runs), workers: Number(values.workers), gapMs, sleepMs: 30, say };

async function inArena(work: (arena: Arena) => Promise<number>, at = home, options: Parameters<typeof openArena>[1] = {}): Promise<number> {
  const arena = await openArena(at, options);
  try {
    return await work(arena);
  } finally {
    await arena.close();
  }
}
function told(verdict: Verdict): number {
  say(describeVerdict(verdict));
  return verdict.faults.length;
}

const SCENARIOS: Record<string, (seed: number) => Promise<number>> = {
  storm: (seed) => inArena(async (arena) => told(await runChaos(arena, {
    ...common, seed,
    deeds: { kill: Number(values.kills), database: Number(values.databases), pause: Number(values.pauses), term: Number(values.terms), failpoint: Number(values.failpoints), session: Number(values.sessions) },
  }))),
  matrix: () => inArena(async (arena) => {
    const [first, last] = values.cells.split("-").map(Number);
    const { cells, missed, faults } = await runMatrix(arena, say, CELLS.slice((first || 1) - 1, last || undefined));
    say(`${cells} cells, ${missed.length} not reached${missed.length > 0 ? `: ${missed.join(", ")}` : ""}, ${faults.length} faults`);
    for (const fault of faults) say(`  ${fault.class}: ${fault.what}`);
    return faults.length + missed.length;
  }),
  disk: (seed) => withSmallDisk((at) => inArena(async (arena) => told(await runChaos(arena, { ...common, seed, deeds: { ...NOTHING, kill: 3 }, gapMs: { least: 3_000, most: 6_000 }, besides: (own, _, __, client) => fillDisk(own, client, say) })), at, { worldHome: join(ROOT, ".tmp") })),
  network: (seed) => withNetwork(say, (network) => inArena(async (arena) => told(await runChaos(arena, { ...common, ...(await network.join(arena)), seed, deeds: { ...NOTHING, kill: 2 }, gapMs: { least: 8_000, most: 12_000 } })), home, network)),
  proxy: (seed) => inArena(async (arena) => {
    const proxies = await Promise.all(Array.from({ length: common.workers }, () => openProxy(Number(new URL(arena.server.url).port))));
    const urlOf = (slot: number) => Object.assign(new URL(arena.server.url), { port: String(proxies[slot]?.port) }).href;
    const verdict = await runChaos(arena, { ...common, seed, deeds: { ...NOTHING, kill: 3 }, gapMs: { least: 8_000, most: 14_000 }, fleet: { urlOf }, besides: (_, __, random) => troubleProxies(proxies, random, say) });
    await Promise.all(proxies.map((proxy) => proxy.close()));
    return told(verdict);
  }),
  upgrade: async (seed) => {
    if (!values.before) throw new Error("--before is the folder of an earlier checkout: git worktree add ../before <commit>, and ./penstock --help in there");
    return told(await chaosOfUpgrade({ ...common, home, before: resolve(values.before), seed, deeds: { ...NOTHING, kill: 6 }, gapMs: { least: 1_000, most: 3_000 } }));
  },
  start: (seed) => chaosOfStart({ home: join(ROOT, ".tmp/chaos-start"), rounds: Number(values.rounds), random: seeded(seed), seed, say }),
};

const scenario = SCENARIOS[values.only];
if (!scenario) throw new Error(`--only is one of ${Object.keys(SCENARIOS).join(", ")}`);
const until = performance.now() + Number(values.minutes) * 60_000;
let faults = 0;
for (let seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31)), round = 0; round === 0 || performance.now() < until; seed += 1, round += 1) faults += await scenario(seed);
process.exit(faults === 0 ? 0 : 1);
