import { parseCurrentUser, parseListRequest, printRun } from "#lib/api/pipeline-runs";
import { answerPlain, route } from "#lib/api/route";
import { listAnnotationsOf } from "#lib/annotations/queries";
import { countUnitsOf } from "#lib/trace/queries";
import { resolveMe } from "#lib/filters/rules";
import { listRuns } from "#lib/runs/queries";
import { countByStatus } from "#lib/stats/queries";
import { userOf } from "#lib/stats/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The seed's list, with page size, order, status and total besides. */
export const GET = route(async (ctx, { url }) => {
  const { list, tokenAfter, ...request } = parseListRequest(url.searchParams);
  const user = userOf(ctx.actor, parseCurrentUser(url.searchParams));
  const [{ rows, nextCursor }, counted] = await Promise.all([
    listRuns(ctx, list, user),
    request.includeTotal ? countByStatus(ctx, list.tree && resolveMe(list.tree, user)) : null,
  ]);
  const ids = rows.map(({ id }) => id);
  const [annotations, units] = await Promise.all([listAnnotationsOf(ctx, ids), request.includeStats ? countUnitsOf(ctx, ids) : null]);
  return answerPlain({
    pipeline_runs: rows.map((run) => printRun(run, { ...request, annotations: annotations.get(run.id), units: units?.get(run.id) })),
    ...(counted && { total: counted.total }),
    ...(nextCursor && { next_page_token: tokenAfter(nextCursor) }),
  });
});
