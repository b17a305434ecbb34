/**
 * What grouping a failure adds to the end of a unit, and how long the lists of /errors take at 10,000 groups.
 *
 *   node --conditions=react-server bench/errors.ts [groups, 10000 unless said]
 *
 * The database is its own, in .tmp/bench-errors, made anew each time.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Ctx, inTransaction } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ErrorGroupsRequest } from "#lib/error-groups/filter";
import { recordFailures } from "#lib/error-groups/mutations";
import { getErrorGroup, listErrorGroups, listRunsOfErrorGroup } from "#lib/error-groups/queries";
import { normaliseMessage } from "#lib/error-groups/rules";
import { ROOT } from "#lib/root";

const wanted = Number(process.argv[2] ?? 10_000);
const UNITS = 2_000;
const home = join(ROOT, ".tmp/bench-errors");
rmSync(home, { recursive: true, force: true });
const server = await startEmbedded(home);
try {
  await migrate(server.url);
  const db = openDb(server.url, 10);
  const ctx: Ctx = { db, actor: { kind: "worker", name: "bench" } };
  const runs = await Promise.all(Array.from({ length: 8 }, (_, n) => db.run.create({ data: { pipeline: "bench", stage: `stage-${n}` }, select: { id: true } })));

  /** The end of a unit as far as it matters here: a transaction with the run's lock, and what is done in it. */
  const endUnit = (n: number, run: number, stage: string, kinds: number) =>
    inTransaction(ctx, async (tx) => {
      await tx.db.$executeRaw`update runs set units_failed = units_failed + 1 where id = ${run}`;
      const failures = Array.from({ length: kinds }, (_, kind) => ({ step: null, stepSeq: null, errorClass: "Error", message: `Row ${n} of ${"abcdefghijklmnopqrst"[kind]} is broken`, count: 1 }));
      await recordFailures(tx, { runId: run, unitSeq: n, pipeline: "bench", stage }, failures);
    });
  const ends = async (what: string, kinds: number, at: (n: number) => number, stageOf: (run: number) => string, width: number) => {
    for (let n = 0; n < 50; n += 1) await endUnit(n, at(n), stageOf(at(n)), kinds);
    const started = performance.now();
    let next = 0;
    const times: number[] = [];
    await Promise.all(Array.from({ length: width }, async () => {
      for (let n = next++; n < UNITS; n = next++) {
        const begun = performance.now();
        await endUnit(n, at(n), stageOf(at(n)), kinds);
        times.push(performance.now() - begun);
      }
    }));
    times.sort((a, b) => a - b);
    print(what, [((performance.now() - started) / UNITS) * 1_000, times[UNITS / 2]! * 1_000, times[Math.floor(UNITS * 0.95)]! * 1_000], "µs");
  };
  const idOf = (n: number) => Number(runs[n % runs.length]!.id);
  console.log(`${"the end of a unit".padEnd(56)}${["each", "p50", "p95"].map((word) => word.padStart(10)).join("")}`);
  await ends("no failure, one after another", 0, () => idOf(0), () => "one", 1);
  await ends("one failure, one after another, one group", 1, () => idOf(0), () => "one", 1);
  await ends("20 kinds of failure, one after another", 20, () => idOf(0), () => "twenty", 1);
  await ends("no failure, 8 at once, one run", 0, () => idOf(0), () => "hot", 8);
  await ends("one failure, 8 at once, one run, one group", 1, () => idOf(0), () => "hot", 8);
  await ends("no failure, 8 at once, 8 runs", 0, idOf, () => "hot", 8);
  await ends("one failure, 8 at once, 8 runs, one group", 1, idOf, () => "hot", 8);
  await ends("one failure, 8 at once, 8 runs, a group each", 1, idOf, (run) => `stage-${run}`, 8);

  const message = `Row 17 of "x" at /var/lib/app/12.json failed: ${"word ".repeat(40)}`;
  let started = performance.now();
  for (let n = 0; n < 10_000; n += 1) normaliseMessage(message);
  print("normalising a message of 250 characters", [(performance.now() - started) / 10], "µs");
  const megabyte = "Row 17 of 'x' ".repeat(75_000);
  started = performance.now();
  for (let n = 0; n < 100; n += 1) normaliseMessage(megabyte);
  print("normalising a message of 1 MB", [(performance.now() - started) * 10], "µs");

  await generate(db, idOf(0));
  console.log(`\n${`at ${wanted} groups`.padEnd(56)}${["p50", "p95"].map((word) => word.padStart(10)).join("")}`);
  for (const asked of ["", "sort=count", "sort=first_seen", "status=all", "status=all&sort=count", "status=resolved", "q=broken", "q=zzz-nothing", "status=all&q=zzz-nothing", "stage=stage-3"]) {
    const filter = ErrorGroupsRequest.parse(new URLSearchParams(asked));
    print(`list ${asked || "open, last seen"}`, await measure(() => listErrorGroups(ctx, filter)), "ms");
  }
  const page = await listErrorGroups(ctx, ErrorGroupsRequest.parse({ limit: 200 }));
  print("the second page of 200", await measure(() => listErrorGroups(ctx, ErrorGroupsRequest.parse({ limit: 200, cursor: page.nextCursor }))), "ms");
  print("one group", await measure(() => getErrorGroup(ctx, page.rows[0]!.id)), "ms");
  print("its runs", await measure(() => listRunsOfErrorGroup(ctx, page.rows[0]!.id)), "ms");
  await db.$disconnect();
} finally {
  await server.stop();
}

/** Groups of a thousand characters each, with two weeks of hours; a tenth is resolved. */
async function generate(db: ReturnType<typeof openDb>, runId: number): Promise<void> {
  await db.$executeRaw`
    insert into error_groups (fingerprint, pipeline, stage, error_class, sample_message, normalised_message, status, count, runs, first_seen, last_seen, version_first, version_last)
    select 'f' || n, 'bench', 'stage-' || n % 8, 'Error', 'Row ' || n || ' is broken ' || repeat(md5(n::text), 30), 'Row <n> is broken ' || repeat(md5(n::text), 12),
           (case when n % 10 = 0 then 'resolved' else 'open' end)::error_group_status, n % 997, 1, now() - n * interval '1 min', now() - (n * 7919 % 100000) * interval '1 s', '1', '1'
      from generate_series(1, ${wanted}::int) n`;
  await db.$executeRaw`insert into error_group_hours select g.id, date_trunc('hour', now()) - h * interval '1 hour', 1 + h from error_groups g, generate_series(0, 330, 6) h on conflict do nothing`;
  await db.$executeRaw`insert into error_occurrences (run_id, group_id, count, first_at, last_at) select ${runId}::bigint, id, 1, now(), now() from error_groups on conflict do nothing`;
  await db.$executeRaw`vacuum analyze`;
}

async function measure(ask: () => Promise<unknown>, rounds = 40): Promise<number[]> {
  for (let n = 0; n < 3; n += 1) await ask();
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return [times[Math.floor(rounds / 2)]!, times[Math.floor(rounds * 0.95)]!];
}

function print(what: string, figures: number[], unit: string): void {
  console.log(`${what.padEnd(56)}${figures.map((figure) => figure.toFixed(figure < 100 ? 1 : 0).padStart(10)).join("")} ${unit}`);
}
