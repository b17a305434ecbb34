import { readObject } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { createSchedule, ScheduleInput } from "#lib/schedules/mutations";
import { listSchedules } from "#lib/schedules/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listSchedules(ctx) }));

export const POST = route(async (ctx, { request }) => {
  const made = await createSchedule(ctx, ScheduleInput.parse(await readObject(request)));
  return answer({ data: made }, { status: 201, headers: { Location: `/api/v1/schedules/${made.id}` } });
});
