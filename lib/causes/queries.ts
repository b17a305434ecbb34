import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import type { CauseRule } from "./rules.ts";

type StoredCauseRule = Omit<CauseRule, "id"> & { id: bigint };

const COLUMNS = sql`c.id, c.kind, c.pattern, c.pipeline, c.stage, c.title, c.hint, c.position, c.enabled, c.updated_by as "updatedBy", c.updated_at as "updatedAt"`;

/** The causes that people have written down, in the order in which they are asked. All of them: there are few (`MAX_CAUSE_RULES`). */
export async function listCauseRules(ctx: Ctx): Promise<CauseRule[]> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<StoredCauseRule[]>`select ${COLUMNS} from cause_rules c order by c.position, c.id`;
  return rows.map((rule) => ({ ...rule, id: Number(rule.id) }));
}

/** @throws AppError NOT_FOUND when no rule has this id. */
export async function getCauseRule(ctx: Ctx, id: number): Promise<CauseRule> {
  allow(ctx, "runs.read");
  const [rule] = await ctx.db.$queryRaw<StoredCauseRule[]>`select ${COLUMNS} from cause_rules c where c.id = ${id}::bigint`;
  if (!rule) throw new AppError("NOT_FOUND", `No known cause ${id}. Somebody may have removed it.`);
  return { ...rule, id: Number(rule.id) };
}
