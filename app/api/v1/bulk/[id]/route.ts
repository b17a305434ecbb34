import { parseBulkId } from "#lib/api/bulk";
import { answer, route } from "#lib/api/route";
import { getBulk } from "#lib/bulk/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await getBulk(ctx, parseBulkId(params.id)) }));
