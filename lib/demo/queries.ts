import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { DEMO_KEY } from "./rules.ts";

export type DemoFound = { runs: number; /** When the first and the last of them were made. */ from: Date; to: Date };

/** The demo data that is here, or null. The index on annotation keys finds it, however many other runs there are. */
export async function findDemo(ctx: Ctx): Promise<DemoFound | null> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<{ runs: bigint; from: Date | null; to: Date | null }[]>`
    select count(*) as runs, min(r.created_at) as "from", max(r.created_at) as "to"
      from run_annotations a
      join runs r on r.id = a.run_id
     where a.key = ${DEMO_KEY}`;
  return found?.from && found.to ? { runs: Number(found.runs), from: found.from, to: found.to } : null;
}

/** Whether there is a run that somebody meant. */
export async function hasRealRuns(ctx: Ctx): Promise<boolean> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<unknown[]>`
    select 1 as found
      from runs r
     where not exists (select 1 from run_annotations a where a.run_id = r.id and a.key = ${DEMO_KEY})
     limit 1`;
  return found.length > 0;
}
