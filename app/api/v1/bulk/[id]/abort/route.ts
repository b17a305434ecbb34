import { allow } from "#lib/access/rules";
import { parseBulkId } from "#lib/api/bulk";
import { answer, route } from "#lib/api/route";
import { abortBulk } from "#lib/bulk/mutations";
import { getBulk } from "#lib/bulk/queries";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Nothing more is done; what was done stays. */
export const POST = route<{ id: string }>(async (ctx, { params }) => {
  // What is answered wants this; nothing is done for whoever could not be answered.
  allow(ctx, "runs.read");
  const id = parseBulkId(params.id);
  const result = await abortBulk(ctx, { id });
  if (!result.ok) throw new AppError("CONFLICT", `Bulk action ${id} has ended already: it is ${result.status}.`, { details: { id, bulkStatus: result.status } });
  return answer({ data: await getBulk(ctx, id) });
});
