import { parseErrorGroupId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getErrorGroup } from "#lib/error-groups/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await getErrorGroup(ctx, parseErrorGroupId(params.id)) }));
