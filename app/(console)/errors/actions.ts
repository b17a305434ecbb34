"use server";
import { revalidatePath } from "next/cache";
import { CauseRuleInput, createCauseRule, DeleteCauseRuleInput, deleteCauseRule, SaveCauseRuleInput, saveCauseRule } from "#lib/causes/mutations";
import type { Ctx } from "#lib/ctx";
import { RetryErrorGroupInput, retryErrorGroup } from "#lib/engine/retry-group";
import { ErrorGroupInput, ignoreErrorGroup, reopenErrorGroup, resolveErrorGroup } from "#lib/error-groups/mutations";
import { action } from "#lib/web/action";

/** The verb, and every page drawn anew: runs show the causes, the rail may count the groups. */
const andRedraw =
  <I, T>(verb: (ctx: Ctx, input: I) => Promise<T>) =>
  async (ctx: Ctx, input: I): Promise<T> => {
    const result = await verb(ctx, input);
    revalidatePath("/", "layout");
    return result;
  };

export const resolveErrorGroupAction = action(ErrorGroupInput, andRedraw(resolveErrorGroup));
export const ignoreErrorGroupAction = action(ErrorGroupInput, andRedraw(ignoreErrorGroup));
export const reopenErrorGroupAction = action(ErrorGroupInput, andRedraw(reopenErrorGroup));
export const retryErrorGroupAction = action(RetryErrorGroupInput, andRedraw(retryErrorGroup));
export const createCauseRuleAction = action(CauseRuleInput, andRedraw(createCauseRule));
export const saveCauseRuleAction = action(SaveCauseRuleInput, andRedraw(saveCauseRule));
export const deleteCauseRuleAction = action(DeleteCauseRuleInput, andRedraw(deleteCauseRule));
