/** How the agents have been of late, from their calls. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { AGENT_ROLES } from "./workflow.ts";

export const HEALTH_HOURS = 24;
/** Calls of an agent that are looked at, the newest ones. */
const MOST_CALLS = 5_000;

const Health = z.object({ role: z.string(), calls: z.number(), failed: z.number(), meanMs: z.number().nullable(), costUsd: z.number().nullable(), lastAt: z.date().nullable(), isCut: z.boolean() });
export type AgentHealth = z.infer<typeof Health>;

/** Of each agent its calls of the last 24 hours; one range of the index by role each, and 5 000 calls at most (`isCut`). */
export async function readAgentHealth(ctx: Ctx): Promise<Map<string, AgentHealth>> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const rows = z.array(Health).parse(await db.$queryRaw`
    select r.role, c.calls, c.failed, c."meanMs", c."costUsd", c."lastAt", c.calls >= ${MOST_CALLS}::int as "isCut"
      from unnest(${AGENT_ROLES}::text[]) as r(role),
           lateral (select count(*)::int as calls, count(*) filter (where status = 'error')::int as failed, avg(duration_ms)::float8 as "meanMs", sum(cost_usd)::float8 as "costUsd", max(created_at) as "lastAt"
                      from (select status, duration_ms, cost_usd, created_at from llm_calls
                             where role = r.role and created_at > now() - make_interval(hours => ${HEALTH_HOURS}::int)
                             order by created_at desc, id desc limit ${MOST_CALLS}::int) recent) c`);
  return new Map(rows.map((row) => [row.role, row]));
}
