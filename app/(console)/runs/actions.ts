"use server";
import { revalidatePath } from "next/cache";
import { CancelRunInput, cancelRun } from "#lib/engine/cancel";
import { action } from "#lib/web/action";

export const cancelRunAction = action(CancelRunInput, async (ctx, input) => {
  const result = await cancelRun(ctx, input);
  revalidatePath("/", "layout");
  return result;
});
