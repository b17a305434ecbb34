"use server";
import { revalidatePath } from "next/cache";
import { AbortBulkInput, abortBulk, CreateBulkInput, createBulk } from "#lib/bulk/mutations";
import { action } from "#lib/web/action";

export const createBulkAction = action(CreateBulkInput, createBulk);

export const abortBulkAction = action(AbortBulkInput, async (ctx, input) => {
  const result = await abortBulk(ctx, input);
  revalidatePath("/runs/bulk", "layout");
  return result;
});
