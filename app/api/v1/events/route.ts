import { allow } from "#lib/access/rules";
import { EventsRequest } from "#lib/api/bodies";
import { searchRecord } from "#lib/api/inputs";
import { route } from "#lib/api/route";
import { openStream } from "#lib/live/sse";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Server-sent events; `Last-Event-ID` (or `?lastEventId=`) replays what was missed, `?run=` keeps to one run. */
export const GET = route(async (ctx, { request, url }) => {
  allow(ctx, "runs.read");
  const header = request.headers.get("last-event-id");
  const { run, lastEventId } = EventsRequest.parse({ ...searchRecord(url), ...(header && { lastEventId: header }) });
  const stream = await openStream({ runId: run ?? null, lastEventId: lastEventId ?? null, actor: ctx.actor });
  return new Response(stream, {
    // No transform: a compressor would keep events back until its buffer is full.
    headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no" },
  });
});
