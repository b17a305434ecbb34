import { answer, route } from "#lib/api/route";
import { resume } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const POST = route<{ pipeline: string }>(async (ctx, { params: { pipeline } }) => answer({ data: await resume(ctx, { pipeline }) }));
