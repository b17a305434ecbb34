import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { isStorable, NOT_STORABLE } from "#lib/db/storable";
import { AppError } from "#lib/errors";
import { priceName } from "./rules.ts";

const Usd = z.preprocess((value) => (value === "" ? undefined : value), z.coerce.number({ error: "must be US dollars per million tokens" }).min(0).max(100_000));

export const AddPriceInput = z.strictObject({
  model: z.string().trim().min(1).max(100).refine(isStorable, NOT_STORABLE).transform(priceName),
  /** Host of the endpoint that it is for, as calls name it; without it, any. */
  provider: z.string().trim().min(1).max(50).refine(isStorable, NOT_STORABLE).nullish().transform((host) => host ?? null),
  inputUsd: Usd,
  cachedUsd: Usd.nullish().transform((usd) => usd ?? null),
  outputUsd: Usd,
  /** From when on; now, unless said otherwise. */
  validFrom: z.coerce.date({ error: "must be a time, such as 2026-03-01T00:00:00Z" }).nullish().transform((at) => at ?? null),
  source: z.string().trim().min(1).max(300).refine(isStorable, NOT_STORABLE).default("entered by hand"),
});
export type AddPriceInput = z.infer<typeof AddPriceInput>;

/**
 * A new price of a model. Earlier ones stay, and so does what earlier calls cost; told in the activity.
 *
 * @throws AppError CONFLICT when the model has a price from this very moment on
 */
export async function addPrice(ctx: Ctx, input: AddPriceInput): Promise<{ id: number }> {
  allow(ctx, "settings.change");
  return inTransaction(ctx, async (tx) => {
    const [made] = await tx.db.$queryRaw<{ id: number }[]>`
      insert into llm_prices (model, provider, valid_from, input_usd, cached_usd, output_usd, source_kind, source, created_by)
      values (${input.model}, ${input.provider}, coalesce(${input.validFrom?.toISOString() ?? null}::timestamptz, clock_timestamp()), ${input.inputUsd}, ${input.cachedUsd}, ${input.outputUsd},
              'manual', ${input.source}, ${tx.actor.name})
      on conflict do nothing
      returning id`;
    if (!made) throw new AppError("CONFLICT", `${input.model} has a price from that moment on already. Give another --from.`);
    const { model, provider, inputUsd, cachedUsd, outputUsd } = input;
    await tx.db.$executeRaw`
      insert into run_events (run_id, type, actor, data)
      values (null, 'llm_price.added', ${tx.actor.name}, ${JSON.stringify({ priceId: made.id, model, provider, inputUsd, cachedUsd, outputUsd })}::jsonb)`;
    await audit(tx, { action: "price.save", object: `price/${made.id}`, after: { model, provider, validFrom: input.validFrom, inputUsd, cachedUsd: input.cachedUsd, outputUsd, source: input.source } });
    return made;
  });
}
