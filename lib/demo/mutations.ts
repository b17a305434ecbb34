import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { forgetFailuresOf, groupEarlierFailures } from "#lib/error-groups/mutations";
import { AppError } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import { type DemoFound, findDemo, hasRealRuns } from "./queries.ts";
import { buildDemo, DEMO_DAYS, DEMO_KEY, DEMO_RUNS, DEMO_SEED } from "./rules.ts";
import { DEMO_LOGIN, insertEvents, insertRuns } from "./sql/insert-runs.ts";

export const CreateDemoInput = z.strictObject({
  days: z.int().min(DEMO_DAYS.least).max(DEMO_DAYS.most).default(DEMO_DAYS.usual),
  /** Aimed at; chance decides. */
  runs: z.int().min(DEMO_RUNS.least).max(DEMO_RUNS.most).default(DEMO_RUNS.usual),
  /** The same seed at the same moment makes the same runs. */
  seed: z.int32().default(DEMO_SEED),
  /** Also where there are real runs. */
  force: z.boolean().default(false),
});
export type CreateDemoInput = z.input<typeof CreateDemoInput>;
export type CreateDemoResult = DemoFound & { /** False when it was here before, and nothing was done. */ created: boolean };

/** Runs written by one statement of each table. */
const BATCH = 250;
/** Of two that make or remove demo data at once the second waits. Any fixed number of our own. */
const LOCK = 7_331_201;

/**
 * Fills the database with a believable month of runs, each marked with the annotation `system/demo`, in one
 * transaction: cut off anywhere, nothing of it is there. Where it is here already nothing is done.
 *
 * @param onProgress hears after each batch how many runs are written; what it throws takes all of them back
 * @throws AppError CONFLICT when there are real runs and `force` is not set.
 */
export async function createDemo(ctx: Ctx, input: CreateDemoInput = {}, onProgress: (progress: { runs: number; total: number }) => void = () => {}): Promise<CreateDemoResult> {
  allow(ctx, "demo.change");
  const { days, runs: aim, seed, force } = CreateDemoInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`select pg_advisory_xact_lock(${LOCK})`;
    // What filling in takes besides, looking and grouping errors, needs no right of its own.
    const inside: Ctx = { ...tx, actor: { kind: "worker", name: tx.actor.name }, isPart: true };
    const found = await findDemo(inside);
    if (found) return { created: false, ...found };
    if (!force && (await hasRealRuns(inside))) {
      throw new AppError("CONFLICT", "There are real runs here, and demo data would stand among them. Use a fresh home (PENSTOCK_HOME), or ./penstock demo --force if you want it all the same: ./penstock demo --remove takes exactly the demo data away again.");
    }
    const [clock] = await tx.db.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`;
    const now = clock?.now ?? new Date();
    const runs = buildDemo({ now: now.getTime(), days, runs: aim, seed, utcOffsetMs: -now.getTimezoneOffset() * 60_000 });
    const drawn = await tx.db.$queryRaw<{ id: bigint }[]>`select nextval(pg_get_serial_sequence('runs', 'id')) as id from generate_series(1, ${runs.length}::int)`;
    const ids = drawn.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
    const batch = now.toISOString();
    for (let from = 0; from < runs.length; from += BATCH) {
      const to = Math.min(runs.length, from + BATCH);
      await insertRuns(tx.db, { runs, ids }, { from, to, batch });
      onProgress({ runs: to, total: runs.length });
    }
    await insertEvents(tx.db, { runs, ids });
    await groupEarlierFailures(inside, { runIds: ids, limit: 10_000 });
    // One word to open pages that there is something to see.
    await tx.db.$queryRaw`select pg_notify('penstock', json_build_object('run', ${ids.at(-1) ?? 0}::bigint)::text)::text`;
    const made = await findDemo(inside);
    if (!made) throw new Error("The demo data was written and is not there");
    await audit(tx, { action: "demo.fill", object: "demo", after: { runs: made.runs, days, force } });
    return { created: true, ...made };
  });
}

export const RemoveDemoInput = z.strictObject({});

/**
 * Removes the runs that are marked as demo, with all that belongs to them, and nothing else: a real run that repeated
 * one of them stays, and is a retry of nothing from then on. One transaction; none there is none removed.
 */
export async function removeDemo(ctx: Ctx): Promise<{ removed: number }> {
  allow(ctx, "demo.change");
  return inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`select pg_advisory_xact_lock(${LOCK})`;
    const found = await tx.db.$queryRaw<{ runId: bigint }[]>`select run_id as "runId" from run_annotations where key = ${DEMO_KEY}`;
    const ids = found.map(({ runId }) => runId);
    await forgetFailuresOf(tx, ids);
    // Their calls outlive runs; units, steps, events, logs and annotations go with them.
    await tx.db.$executeRaw`delete from llm_calls where run_id = any(${ids}::bigint[]) and (select set_config('penstock.llm_calls', 'demo', true)) is not null`;
    await tx.db.$executeRaw`delete from run_steps where run_id = any(${ids}::bigint[])`;
    const removed = await tx.db.$executeRaw`delete from runs where id = any(${ids}::bigint[])`;
    // An account that somebody has used since stays.
    await tx.db.$executeRaw`
      delete from accounts a
       where starts_with(a.login, ${DEMO_LOGIN}) and not exists (select 1 from trading_runs where account_id = a.id)
         and not exists (select 1 from trades where account_id = a.id) and not exists (select 1 from ai_journal where account_id = a.id)`;
    if (removed > 0) await audit(tx, { action: "demo.clear", object: "demo", after: { runs: removed } });
    return { removed };
  });
}

/** What `./penstock demo` and the pages say of it. */
export const describeDemo = ({ runs, from, to }: DemoFound): string =>
  `${formatCount(runs)} demo runs over ${Math.ceil((to.getTime() - from.getTime()) / 86_400_000)} days`;
