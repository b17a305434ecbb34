import { parseCurrentUser, parseListRequest, printRun } from "#lib/api/pipeline-runs";
import { answerPlain, route } from "#lib/api/route";
import { listAnnotationsOf } from "#lib/annotations/queries";
import { countRunsByTree, countUnitsOf, listRunsByTree } from "#lib/filters/queries";
import { resolveMe } from "#lib/filters/rules";
import { userOf } from "#lib/stats/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The seed's list, with page size, order, status and total besides. */
export const GET = route(async (ctx, { url }) => {
  const list = parseListRequest(url.searchParams);
  const tree = list.tree && resolveMe(list.tree, userOf(ctx.actor, parseCurrentUser(url.searchParams)));
  const [{ rows, next }, total] = await Promise.all([
    listRunsByTree(ctx, { ...list, tree, limit: list.pageSize }),
    list.includeTotal ? countRunsByTree(ctx, tree, list.statuses) : null,
  ]);
  const ids = rows.map(({ id }) => id);
  const [annotations, units] = await Promise.all([listAnnotationsOf(ctx, ids), list.includeStats ? countUnitsOf(ctx, ids) : null]);
  return answerPlain({
    pipeline_runs: rows.map((run) => printRun(run, { ...list, annotations: annotations.get(run.id), units: units?.get(run.id) })),
    ...(total !== null && { total }),
    ...(next && { next_page_token: list.tokenAfter(next) }),
  });
});
