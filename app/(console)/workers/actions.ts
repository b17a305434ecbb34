"use server";
import { revalidatePath } from "next/cache";
import { action } from "#lib/web/action";
import { DrainWorkerInput, drainWorker } from "#lib/workers/mutations";

export const drainWorkerAction = action(DrainWorkerInput, async (ctx, input) => {
  const result = await drainWorker(ctx, input);
  revalidatePath("/workers");
  return result;
});
