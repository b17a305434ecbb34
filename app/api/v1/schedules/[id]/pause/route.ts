import { parseScheduleId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { pauseSchedule } from "#lib/schedules/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const POST = route<{ id: string }>(async (ctx, { params }) => answer({ data: await pauseSchedule(ctx, { id: parseScheduleId(params.id) }) }));
