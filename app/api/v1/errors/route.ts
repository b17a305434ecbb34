import { answer, route } from "#lib/api/route";
import { ErrorGroupsRequest } from "#lib/error-groups/filter";
import { listErrorGroups } from "#lib/error-groups/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => {
  const { rows, ...page } = await listErrorGroups(ctx, ErrorGroupsRequest.parse(url.searchParams));
  return answer({ data: rows, page });
});
