import { parseRunId } from "#lib/api/inputs";
import { parseListRequest, printRun } from "#lib/api/pipeline-runs";
import { answerPlain, route } from "#lib/api/route";
import { listAnnotationsOf } from "#lib/annotations/queries";
import { countUnitsOf } from "#lib/trace/queries";
import { getRun } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params, url }) => {
  const id = parseRunId(params.id);
  const { includeStats } = parseListRequest(url.searchParams);
  const [run, annotations, units] = await Promise.all([getRun(ctx, id), listAnnotationsOf(ctx, [id]), countUnitsOf(ctx, [id])]);
  return answerPlain(printRun(run, { annotations: annotations.get(id), units: units.get(id), includeNames: true, includeStats }));
});
