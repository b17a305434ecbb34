/** A process that does one act of an operator, and may die in it: `node … actor.ts <url> <act> <input as JSON>`. Sends what it was told. */
import { openDb } from "#lib/db/client";
import { cancelRun } from "#lib/engine/cancel";
import { triggerAll, triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { prune } from "#lib/retention/mutations";
import { chaos } from "./pipeline.ts";

const [, , url = "", act = "", input = "null"] = process.argv;
PIPELINES.push(chaos);
const db = openDb(url, 2);
const ctx = { db, actor: { kind: "cli" as const, name: "actor" } };
const ACTS: Record<string, (given: never) => Promise<unknown>> = {
  trigger: (given: Parameters<typeof triggerRun>[1]) => triggerRun(ctx, given),
  triggerAll: (given: Parameters<typeof triggerAll>[1]) => triggerAll(ctx, given),
  cancel: (given: Parameters<typeof cancelRun>[1]) => cancelRun(ctx, given),
  prune: ({ before }: { before: string }) => prune(ctx, { cutoffs: { runs: new Date(before), payloads: null } }),
};
const answer = await ACTS[act]?.(JSON.parse(input) as never);
process.send?.(answer);
await db.$disconnect();
process.disconnect?.();
