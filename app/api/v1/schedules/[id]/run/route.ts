import { parseScheduleId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { runScheduleNow } from "#lib/engine/schedule";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Starts it at once, beside its clock: 201 with the new runs. */
export const POST = route<{ id: string }>(async (ctx, { params }) => {
  const made = await runScheduleNow(ctx, { id: parseScheduleId(params.id) });
  return answer({ data: made }, { status: 201, headers: { Location: `/api/v1/runs/${made.runIds[0]}` } });
});
