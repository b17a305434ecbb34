import { getActivityFeed, listActivity, listActivitySince } from "#lib/activity/queries";
import { ActivityRequest, searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { resolveMe } from "#lib/filters/rules";
import { parseRunsRequest } from "#lib/runs/filter";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/**
 * Runs starting and ending and what people did, newest first, with the filter of the run list. `page.newest` is the `after` with which to ask for what
 * comes later; `page.isAnew` says that the answer to such a question is a first page instead.
 */
export const GET = route(async (ctx, { url }) => {
  const { cursor, after, limit } = ActivityRequest.parse(searchRecord(url));
  const ofRuns = new URLSearchParams([...url.searchParams].filter(([name]) => !["cursor", "after", "limit"].includes(name)));
  const asked = parseRunsRequest(ofRuns).tree;
  const tree = asked && resolveMe(asked, ctx.actor.name);
  if (cursor !== undefined) {
    const { rows, next, isCut } = await listActivity(ctx, { tree, before: cursor, limit });
    return answer({ data: rows, page: { ...forwardPage(next), isCut } });
  }
  const since = after === undefined ? { anew: await getActivityFeed(ctx, { tree, limit }) } : await listActivitySince(ctx, { tree, after, limit });
  if (!("anew" in since)) return answer({ data: since.rows, page: { ...forwardPage(null), newest: since.newest, isAnew: false } });
  const { rows, next, isCut, newest } = since.anew;
  return answer({ data: rows, page: { ...forwardPage(next), isCut, newest, isAnew: true } });
});
