/** How lists of runs are answered. */
import { answer } from "#lib/api/route";
import type { Ctx } from "#lib/ctx";
import { resolveMe } from "#lib/filters/rules";
import type { RunsFilter } from "#lib/runs/address";
import { listRuns } from "#lib/runs/queries";
import { getCachedTotal } from "#lib/stats/queries";

/** A page of runs with its total, which never keeps the rows waiting. */
export async function answerRuns(ctx: Ctx, filter: RunsFilter): Promise<Response> {
  const { rows, ...page } = await listRuns(ctx, filter);
  const total = await soon(getCachedTotal(ctx, filter.tree && resolveMe(filter.tree, ctx.actor.name)));
  return answer({ data: rows, page: { ...page, total } });
}

/** How long a list waits for its total, in milliseconds: what is not known by then must not keep the rows. */
const TOTAL_MS = 5;

/** What is there soon, or null. A failure is nothing too: the rows have been found all the same. */
const soon = <T>(value: Promise<T>): Promise<T | null> => Promise.race([value.catch(() => null), new Promise<null>((resolve) => setTimeout(resolve, TOTAL_MS, null))]);
