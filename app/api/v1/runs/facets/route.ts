import { AppError } from "#lib/errors";
import { answer, route } from "#lib/api/route";
import { getFacets } from "#lib/facets/queries";
import { keyOfParam } from "#lib/filters/fields";
import { parseRunsRequest } from "#lib/runs/filter";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The values of one `field` (named as its parameter: status, creator, subject.symbol) among the runs that match the rest. */
export const GET = route(async (ctx, { url }) => {
  const { tree } = parseRunsRequest(url.searchParams, ["field"]);
  const key = keyOfParam(url.searchParams.get("field") ?? "");
  if (!key) throw new AppError("INVALID", "Say which field: field=status, for example.", { faults: [{ path: "field", message: "is no field" }] });
  return answer({ data: await getFacets(ctx, { tree, key }) });
});
