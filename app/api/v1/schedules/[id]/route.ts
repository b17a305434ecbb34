import { allow } from "#lib/access/rules";
import { readObject } from "#lib/api/body";
import { parseScheduleId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { deleteSchedule, SaveScheduleInput, saveSchedule } from "#lib/schedules/mutations";
import { getSchedule } from "#lib/schedules/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await getSchedule(ctx, parseScheduleId(params.id)) }));

/** Replaces the schedule whole; with `version` only while it is the one that was seen. */
export const PUT = route<{ id: string }>(async (ctx, { request, params }) => {
  // What is answered wants this; nothing is done for whoever could not be answered.
  allow(ctx, "runs.read");
  const id = parseScheduleId(params.id);
  await saveSchedule(ctx, SaveScheduleInput.parse({ ...(await readObject(request)), id }));
  return answer({ data: await getSchedule(ctx, id) });
});

export const DELETE = route<{ id: string }>(async (ctx, { params }) => {
  await deleteSchedule(ctx, { id: parseScheduleId(params.id) });
  return new Response(null, { status: 204 });
});
