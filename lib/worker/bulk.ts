import { actOnNext, enqueueBulk } from "#lib/bulk/mutations";
import type { Ctx } from "#lib/ctx";

/** How long a job works on one set before another set may have its turn, in milliseconds. */
const SLICE_MS = 1_000;

/** Works on a set as far as its rate allows now, and makes the job that goes on. */
export async function workBulk(ctx: Ctx, actionId: number, isStopping: () => boolean): Promise<void> {
  const until = performance.now() + SLICE_MS;
  for (;;) {
    const turn = await actOnNext(ctx, actionId);
    if (turn.over) return;
    if (turn.waitMs > 0 || isStopping() || performance.now() >= until) return enqueueBulk(ctx, actionId, turn.waitMs);
  }
}
