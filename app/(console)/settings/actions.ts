"use server";
import { revalidatePath } from "next/cache";
import { z } from "zod";
import { verifyAudit } from "#lib/audit/mutations";
import type { Ctx } from "#lib/ctx";
import { AddPriceInput, addPrice } from "#lib/llm-prices/mutations";
import { changeSettings, ChangeSettingsInput, planPruneNow, pruneNow } from "#lib/settings/mutations";
import { action } from "#lib/web/action";

const Nothing = z.strictObject({});
const andRedraw =
  <I, T>(verb: (ctx: Ctx, input: I) => Promise<T>) =>
  async (ctx: Ctx, input: I): Promise<T> => {
    const result = await verb(ctx, input);
    revalidatePath("/", "layout");
    return result;
  };

export const changeSettingsAction = action(ChangeSettingsInput, andRedraw((ctx: Ctx, input: ChangeSettingsInput) => changeSettings(ctx, input)));
export const verifyAuditAction = action(Nothing, andRedraw((ctx: Ctx) => verifyAudit(ctx)));
export const planPruneNowAction = action(Nothing, (ctx) => planPruneNow(ctx));
export const pruneNowAction = action(Nothing, andRedraw((ctx: Ctx) => pruneNow(ctx)));
export const addPriceAction = action(AddPriceInput, andRedraw(addPrice));
