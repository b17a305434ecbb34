import { listAnnotations } from "#lib/annotations/queries";
import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await listAnnotations(ctx, parseRunId(params.id)) }));
