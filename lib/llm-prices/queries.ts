import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import type { LlmPrice } from "./fields.ts";
import { priceName } from "./rules.ts";

/**
 * The prices `p` of a model at a moment, the one that holds first: the endpoint's own before that of any, the newest before older ones.
 * One step down llm_prices_valid_idx for each of the two.
 */
export const priceAt = (model: string, provider: string, at: Sql): Sql => sql`
  select p.id, p.input_usd, p.cached_usd, p.output_usd
    from llm_prices p
   where p.model = ${priceName(model)} and coalesce(p.provider, '') in ('', ${provider}) and p.valid_from <= ${at}
   order by p.provider is null, p.valid_from desc
   limit 1`;

/** Whether calls of the model cost something known at this moment. */
export async function hasPrice(ctx: Ctx, model: string, provider: string): Promise<boolean> {
  const found = await ctx.db.$queryRaw<unknown[]>`${priceAt(model, provider, sql`clock_timestamp()`)}`;
  return found.length > 0;
}

/** Every price there has been, by model, the newest first. A few hundred at most. */
export async function listPrices(ctx: Ctx): Promise<LlmPrice[]> {
  allow(ctx, "runs.read");
  return ctx.db.$queryRaw<LlmPrice[]>`
    select p.id, p.model, p.provider, p.valid_from as "validFrom", p.input_usd::float8 as "inputUsd", p.cached_usd::float8 as "cachedUsd", p.output_usd::float8 as "outputUsd",
           p.source_kind as "sourceKind", p.source, p.created_by as "createdBy", p.created_at as "createdAt",
           p.valid_from <= now() and not exists (select 1 from llm_prices n where n.model = p.model and coalesce(n.provider, '') = coalesce(p.provider, '')
                                                    and n.valid_from > p.valid_from and n.valid_from <= now()) as "isCurrent"
      from llm_prices p
     order by p.model, p.provider nulls first, p.valid_from desc
     limit 2000`;
}
