import { auditEntry, parseCallId } from "#lib/api/llm-calls";
import { answerPlain, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answerPlain(await auditEntry(ctx, parseCallId(params.id))));
