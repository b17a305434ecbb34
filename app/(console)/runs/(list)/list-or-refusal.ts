import { toAppError } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import type { RunsFilter } from "#lib/runs/address";
import { listRuns } from "#lib/runs/queries";

type Refused = { refused: { timedOut: boolean; message: string } };

/** The runs, or why the database did not give them: a state to draw with the filters in hand. Bugs are thrown on. */
export async function listOrRefusal(ctx: Ctx, filter: RunsFilter): Promise<Awaited<ReturnType<typeof listRuns>> | Refused> {
  try {
    return await listRuns(ctx, filter);
  } catch (error) {
    const refusal = toAppError(error);
    if (refusal?.code !== "UNAVAILABLE") throw error;
    return { refused: { timedOut: refusal.message.includes("took too long"), message: refusal.message } };
  }
}
