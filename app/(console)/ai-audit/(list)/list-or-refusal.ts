import { toAppError } from "#lib/api/problem";
import type { Ctx } from "#lib/ctx";
import type { CallsFilter } from "#lib/llm-calls/address";
import { listCalls } from "#lib/llm-calls/queries";

type Refused = { refused: { timedOut: boolean; message: string } };

/** The calls, or why the database did not give them: a state to draw with the filters in hand. Bugs are thrown on. */
export async function listOrRefusal(ctx: Ctx, filter: CallsFilter): Promise<Awaited<ReturnType<typeof listCalls>> | Refused> {
  try {
    return await listCalls(ctx, filter);
  } catch (error) {
    const refusal = toAppError(error);
    if (refusal?.code !== "UNAVAILABLE") throw error;
    return { refused: { timedOut: refusal.message.includes("took too long"), message: refusal.message } };
  }
}
