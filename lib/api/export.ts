/** What the export route takes, and how rows leave as a response. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { AUDIT_COLUMNS, AUDIT_FORMATS } from "#lib/audit/fields";
import { parseAuditRequest } from "#lib/audit/filter";
import { readAudit } from "#lib/audit/queries";
import { printableEntries } from "#lib/audit/rules";
import { searchRecord } from "#lib/api/inputs";
import { AppError } from "#lib/errors";
import type { Ctx } from "#lib/ctx";
import { encodeRows } from "#lib/export/encode";
import { EXPORT_FORMAT, EXPORT_FORMATS, type ExportFormat, exportFileName } from "#lib/export/fields";
import { readRuns } from "#lib/export/queries";
import { CALL_EXPORT_COLUMNS } from "#lib/llm-calls/fields";
import { parseCallsRequest } from "#lib/llm-calls/filter";
import { readCalls } from "#lib/llm-calls/queries";
import { parseRunsRequest } from "#lib/runs/filter";

const Options = z.object({ format: z.enum(EXPORT_FORMATS), bom: z.stringbool({ error: "is true or false" }).default(false) });

/**
 * The response whose body is every run that matches. The next batch is read when the reader has taken the last one, and
 * none after it has gone. Should the database fail in the middle the connection is broken off, so nobody takes it for the whole.
 *
 * @throws AppError MISMATCH, ZodError
 */
export async function exportResponse(ctx: Ctx, params: URLSearchParams, signal: AbortSignal): Promise<Response> {
  allowExport(ctx);
  const { format, bom } = readOptions(params);
  const filter = parseRunsRequest(params, Object.keys(Options.shape));
  return fileResponse(encodeRows(readRuns(ctx, filter, { signal }), format, { bom }), format, "runs");
}

/** The same of model calls: what lists show of them, without their texts. */
export async function callsExportResponse(ctx: Ctx, params: URLSearchParams, signal: AbortSignal): Promise<Response> {
  allowExport(ctx);
  const { format, bom } = readOptions(params);
  const filter = parseCallsRequest(params, Object.keys(Options.shape));
  return fileResponse(encodeRows(readCalls(ctx, filter, signal), format, { bom, columns: CALL_EXPORT_COLUMNS }), format, "llm-calls");
}

/** The same of the audit log, as CSV or JSON Lines. */
export async function auditExportResponse(ctx: Ctx, params: URLSearchParams, signal: AbortSignal): Promise<Response> {
  allow(ctx, "audit.read");
  const { format, bom } = readOptions(params);
  const known = AUDIT_FORMATS.find((one) => one === format);
  if (!known) throw new AppError("MISMATCH", "The audit log is exported as csv or ndjson.", { faults: [{ path: "format", message: "is csv or ndjson" }] });
  const filter = parseAuditRequest(params, Object.keys(Options.shape));
  return fileResponse(encodeRows(printableEntries(readAudit(ctx, filter, signal), known), known, { bom, columns: AUDIT_COLUMNS }), known, "audit");
}

/** Before the head: once bytes have gone, a refusal could only break the connection off. */
function allowExport(ctx: Ctx): void {
  allow(ctx, "runs.export");
  allow(ctx, "runs.read");
}

function readOptions(params: URLSearchParams): z.infer<typeof Options> {
  const options = Options.parse(searchRecord(new URL(`http://localhost/?${params}`)));
  for (const name of ["cursor", "limit"]) {
    if (params.has(name)) throw new AppError("MISMATCH", `An export holds everything that matches: leave ${name} out.`, { faults: [{ path: name, message: "is no parameter of an export" }] });
  }
  return options;
}

/** Pieces as a download; `of` names what is in it. */
export async function fileResponse(pieces: AsyncGenerator<Uint8Array>, format: ExportFormat, of: string): Promise<Response> {
  // The first piece before the head: what the database refuses at once is still a problem with its status.
  const first = await pieces.next();
  return new Response(streamOf(first, pieces), {
    headers: {
      "Content-Type": EXPORT_FORMAT[format].mediaType,
      "Content-Disposition": `attachment; filename="${exportFileName(format, new Date(), of)}"`,
      // A compressor would hold bytes back, and memory with them.
      "Cache-Control": "no-store, no-transform",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

function streamOf(first: IteratorResult<Uint8Array>, pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  let next: IteratorResult<Uint8Array> | null = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = next ?? (await pieces.next());
        next = null;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    // One piece waits at most, besides the one on its way.
    { highWaterMark: 1 },
  );
}
