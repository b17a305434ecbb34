import { z } from "zod";
import { searchRecord } from "#lib/api/inputs";
import { route } from "#lib/api/route";
import { signatureOf } from "#lib/ctx";
import { openStream } from "#lib/live/sse";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const EventsRequest = z.object({
  run: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  lastEventId: z.string().regex(/^\d{1,18}$/, { error: "is no event id" }).transform(BigInt).optional(),
});

/** Server-sent events; `Last-Event-ID` (or `?lastEventId=`) replays what was missed, `?run=` keeps to one run. */
export const GET = route(async ({ actor }, { request, url }) => {
  const header = request.headers.get("last-event-id");
  const { run, lastEventId } = EventsRequest.parse({ ...searchRecord(url), ...(header && { lastEventId: header }) });
  const stream = await openStream({ runId: run ?? null, lastEventId: lastEventId ?? null, who: signatureOf(actor) });
  return new Response(stream, {
    // No transform: a compressor would keep events back until its buffer is full.
    headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no" },
  });
});
