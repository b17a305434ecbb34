import { parseErrorGroupId, searchRecord, WithinRequest } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { getErrorGroup, listRunsOfErrorGroup } from "#lib/error-groups/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const groupId = parseErrorGroupId(params.id);
  const { after, limit } = WithinRequest.parse(searchRecord(url));
  const { rows, next } = await listRunsOfErrorGroup(ctx, groupId, { before: after, limit });
  if (rows.length === 0) await getErrorGroup(ctx, groupId);
  return answer({ data: rows, page: forwardPage(next) });
});
