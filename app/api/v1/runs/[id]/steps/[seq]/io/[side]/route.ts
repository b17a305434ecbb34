import { IoSide, parseRunId, parseStepSeq } from "#lib/api/inputs";
import { route } from "#lib/api/route";
import { AppError } from "#lib/errors";
import { getStepIo } from "#lib/trace/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The input or the output of a step as a file. */
export const GET = route<{ id: string; seq: string; side: string }>(async (ctx, { params }) => {
  const runId = parseRunId(params.id);
  const seq = parseStepSeq(params.seq);
  const side = IoSide.safeParse(params.side);
  if (!side.success) throw new AppError("NOT_FOUND", `A step has an input and an output, but no "${params.side.slice(0, 50)}".`);
  const text = (await getStepIo(ctx, runId, seq))[side.data];
  if (text === null) throw new AppError("NOT_FOUND", `No ${side.data} was recorded for step ${seq} of run #${runId}.`);
  return new Response(text, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": `attachment; filename="run-${runId}-step-${seq}-${side.data}.json"` },
  });
});
