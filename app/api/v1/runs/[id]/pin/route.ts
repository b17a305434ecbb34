import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { pinRun } from "#lib/retention/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** PUT pins, DELETE lets go; twice is as good as once. */
const pin = (pinned: boolean) => route<{ id: string }>(async (ctx, { params }) => answer({ data: await pinRun(ctx, { runId: parseRunId(params.id), pinned }) }));

export const PUT = pin(true);
export const DELETE = pin(false);
