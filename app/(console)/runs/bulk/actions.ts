"use server";
import { AbortBulkInput, abortBulk, CreateBulkInput, createBulk } from "#lib/bulk/mutations";
import { action } from "#lib/web/action";

export const createBulkAction = action(CreateBulkInput, createBulk);
export const abortBulkAction = action(AbortBulkInput, abortBulk);
