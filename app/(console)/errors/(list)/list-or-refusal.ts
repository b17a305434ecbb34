import { toAppError } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import { type ErrorGroupsFilter, isNarrowed } from "#lib/error-groups/filter";
import { listErrorGroups } from "#lib/error-groups/queries";

type Refused = { refused: { timedOut: boolean; message: string } };
type Found = Awaited<ReturnType<typeof listErrorGroups>> & { /** There is not one group, whatever its status. */ isNew: boolean };

/** The groups, or why the database did not give them: a state to draw with the filter in hand. Bugs are thrown on. */
export async function listOrRefusal(ctx: Ctx, filter: ErrorGroupsFilter): Promise<Found | Refused> {
  try {
    const found = await listErrorGroups(ctx, filter);
    if (found.rows.length > 0 || isNarrowed(filter)) return { ...found, isNew: false };
    const any = await listErrorGroups(ctx, { ...filter, status: "all", cursor: null, limit: 1 });
    return { ...found, isNew: any.rows.length === 0 };
  } catch (error) {
    const refusal = toAppError(error);
    if (refusal?.code !== "UNAVAILABLE") throw error;
    return { refused: { timedOut: refusal.message.includes("took too long"), message: refusal.message } };
  }
}
