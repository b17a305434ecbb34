"use server";
import { z } from "zod";
import { verifyAudit } from "#lib/audit/mutations";
import { AddPriceInput, addPrice } from "#lib/llm-prices/mutations";
import { changeSettings, ChangeSettingsInput, planPruneNow, pruneNow } from "#lib/settings/mutations";
import { action } from "#lib/web/action";

const Nothing = z.strictObject({});

export const changeSettingsAction = action(ChangeSettingsInput, changeSettings);
export const verifyAuditAction = action(Nothing, (ctx) => verifyAudit(ctx));
export const planPruneNowAction = action(Nothing, (ctx) => planPruneNow(ctx));
export const pruneNowAction = action(Nothing, (ctx) => pruneNow(ctx));
export const addPriceAction = action(AddPriceInput, addPrice);
