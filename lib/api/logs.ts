/** The log lines of a run as a response: a page of them, or all of them as a file that is read as it is taken. */
import { z } from "zod";
import { searchRecord, WithinRequest } from "#lib/api/inputs";
import { answer, forwardPage } from "#lib/api/route";
import type { Ctx } from "#lib/ctx";
import { getRun } from "#lib/runs/queries";
import { LOG_FORMATS, type LogFormat, printLogLine } from "#lib/trace/rules";
import { listRunLogs, readRunLogs } from "#lib/trace/queries";

const MEDIA: Record<LogFormat, { type: string; extension: string }> = {
  text: { type: "text/plain; charset=utf-8", extension: "txt" },
  ndjson: { type: "application/x-ndjson; charset=utf-8", extension: "ndjson" },
};

export const LogsRequest = z.object({ format: z.enum([...LOG_FORMATS, "json"], { error: `is one of ${[...LOG_FORMATS, "json"].join(", ")}` }).optional(), unit: z.coerce.number().int().min(0).max(2_147_483_647).optional() });

/** @throws AppError NOT_FOUND when there is no such run; ZodError */
export async function logsResponse(ctx: Ctx, runId: number, { request, url }: { request: Request; url: URL }): Promise<Response> {
  const given = searchRecord(url);
  const { format = askedFor(request.headers.get("accept") ?? ""), unit } = LogsRequest.parse(given);
  if (format === "json") {
    const { rows, next } = await listRunLogs(ctx, runId, { ...WithinRequest.parse(given), unit });
    if (rows.length === 0) await getRun(ctx, runId);
    return answer({ data: rows, page: forwardPage(next) });
  }
  await getRun(ctx, runId);
  return new Response(streamOf(ctx, runId, { format, unit, signal: request.signal }), {
    headers: {
      "Content-Type": MEDIA[format].type,
      "Content-Disposition": `attachment; filename="run-${runId}${unit === undefined ? "" : `-unit-${unit}`}-log.${MEDIA[format].extension}"`,
      "Cache-Control": "no-store, no-transform",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

/** JSON for whoever does not say, as everywhere. */
function askedFor(accept: string): LogFormat | "json" {
  if (accept.includes("application/x-ndjson")) return "ndjson";
  return accept.includes("text/plain") && !accept.includes("application/json") ? "text" : "json";
}

/** The next page is read when the last has been taken. Should the database fail in the middle the connection is broken off. */
function streamOf(ctx: Ctx, runId: number, { format, unit, signal }: { format: LogFormat; unit?: number; signal: AbortSignal }): ReadableStream<Uint8Array> {
  const pages = readRunLogs(ctx, runId, { unit, signal });
  const bytes = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pages.next();
        if (done) controller.close();
        else controller.enqueue(bytes.encode(value.map((line) => printLogLine(line, format)).join("")));
      },
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
