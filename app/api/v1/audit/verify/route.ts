import { answer, route } from "#lib/api/route";
import { verifyAudit } from "#lib/audit/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Walks the whole chain and says the first entry that does not hold. */
export const GET = route(async (ctx, { request }) => answer({ data: await verifyAudit(ctx, request.signal) }));
