import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { compareRuns } from "#lib/compare/queries";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** This run beside another, `?with=`: `a` is the other, `b` is this one. */
export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const other = url.searchParams.get("with");
  if (!other) throw new AppError("INVALID", "Say which run to compare with: ?with=1042.", { faults: [{ path: "with", message: "is missing" }] });
  return answer({ data: await compareRuns(ctx, parseRunId(other), parseRunId(params.id)) });
});
