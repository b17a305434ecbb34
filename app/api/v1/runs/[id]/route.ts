import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getRun } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await getRun(ctx, parseRunId(params.id)) }));
