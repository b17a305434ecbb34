import { parseScheduleId, searchRecord, SlotsRequest } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getSchedule, listSlots } from "#lib/schedules/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What became of its slots, newest first; `nextCursor` is the `before` of the older ones. */
export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const { id } = await getSchedule(ctx, parseScheduleId(params.id));
  const { rows, next } = await listSlots(ctx, id, SlotsRequest.parse(searchRecord(url)).before);
  return answer({ data: rows, page: { nextCursor: next?.toISOString() ?? null, prevCursor: null } });
});
