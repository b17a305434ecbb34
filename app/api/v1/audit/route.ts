import { answer, route } from "#lib/api/route";
import { parseAuditRequest } from "#lib/audit/filter";
import { listAudit } from "#lib/audit/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What was done by whom, newest first. */
export const GET = route(async (ctx, { url }) => {
  const { rows, ...page } = await listAudit(ctx, parseAuditRequest(url.searchParams));
  return answer({ data: rows, page });
});
