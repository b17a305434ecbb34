"use server";
import { CauseRuleInput, createCauseRule, DeleteCauseRuleInput, deleteCauseRule, SaveCauseRuleInput, saveCauseRule } from "#lib/causes/mutations";
import { RetryErrorGroupInput, retryErrorGroup } from "#lib/engine/retry-group";
import { ErrorGroupInput, ignoreErrorGroup, reopenErrorGroup, resolveErrorGroup } from "#lib/error-groups/mutations";
import { action } from "#lib/web/action";

export const resolveErrorGroupAction = action(ErrorGroupInput, resolveErrorGroup);
export const ignoreErrorGroupAction = action(ErrorGroupInput, ignoreErrorGroup);
export const reopenErrorGroupAction = action(ErrorGroupInput, reopenErrorGroup);
export const retryErrorGroupAction = action(RetryErrorGroupInput, retryErrorGroup);
export const createCauseRuleAction = action(CauseRuleInput, createCauseRule);
export const saveCauseRuleAction = action(SaveCauseRuleInput, saveCauseRule);
export const deleteCauseRuleAction = action(DeleteCauseRuleInput, deleteCauseRule);
