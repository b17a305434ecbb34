/** What PostgreSQL does to answer a verb: its statements, explained as they are asked. */
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { type Db, type Sql, sql } from "#lib/db/client";
import type { TestDatabase } from "#lib/testing/database";

export type PlanNode = { "Node Type": string; "Relation Name"?: string; "Actual Rows": number; "Actual Loops": number; "Rows Removed by Filter"?: number; Plans?: PlanNode[] };
const Plan = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: z.unknown() })]) })]);

/** A `Ctx` whose statements are also explained, with the plans that they had. Only for verbs that read by `$queryRaw`. */
export function explaining(database: TestDatabase): { ctx: Ctx; plans: PlanNode[] } {
  const plans: PlanNode[] = [];
  const $queryRaw = async (parts: TemplateStringsArray | Sql, ...values: unknown[]) => {
    const statement = "raw" in parts ? sql(parts, ...values) : parts;
    const [row] = Plan.parse(await database.db.$queryRaw`explain (analyze, format json) ${statement}`);
    plans.push(row["QUERY PLAN"][0].Plan as PlanNode);
    return database.db.$queryRaw(statement);
  };
  return { ctx: { ...database.ctx, db: { $queryRaw } as unknown as Db }, plans };
}

export const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
