import { listAnnotations } from "#lib/annotations/queries";
import { parseRunId } from "#lib/api/inputs";
import { answerPlain, route } from "#lib/api/route";
import { getRun } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The seed's list: its own two system annotations, "" when there is none, and those that people set. */
export const GET = route<{ id: string }>(async (ctx, { params }) => {
  const id = parseRunId(params.id);
  const [run, annotations] = await Promise.all([getRun(ctx, id), listAnnotations(ctx, id)]);
  const system = [["system/pipeline_run.created_by", run.createdBy ?? ""], ["system/pipeline_run.name", `${run.pipeline}/${run.stage}`]];
  return answerPlain(Object.fromEntries([...system, ...annotations.map(({ key, value }) => [key, value])]));
});
