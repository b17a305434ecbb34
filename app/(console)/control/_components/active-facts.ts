import type { Ctx } from "#lib/ctx";
import { getRun, type RunDetail } from "#lib/runs/queries";
import type { StageCard } from "#lib/stages/queries";

/** What a stage's pane says of its active run besides its row. */
export type ActiveFacts = Pick<RunDetail, "etaMs" | "waiting" | "cancelRequestedAt">;

/** The facts of every active run, by its id. As many questions as stages are busy: never more than there are stages. */
export async function listActiveFacts(ctx: Ctx, stages: StageCard[]): Promise<Map<number, ActiveFacts>> {
  const ids = stages.flatMap(({ activeRun }) => activeRun?.id ?? []);
  return new Map((await Promise.all(ids.map((id) => getRun(ctx, id)))).map((run) => [run.id, run]));
}
