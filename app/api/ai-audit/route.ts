import { searchRecord } from "#lib/api/inputs";
import { auditPage, AuditRequest } from "#lib/api/llm-calls";
import { answerPlain, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The stage-runs system's own list of calls. */
export const GET = route(async (ctx, { url }) => answerPlain(await auditPage(ctx, AuditRequest.parse(searchRecord(url)))));
