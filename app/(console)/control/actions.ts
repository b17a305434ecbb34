"use server";
import { revalidatePath } from "next/cache";
import { TriggerAllInput, TriggerInput, triggerAll, triggerRun } from "#lib/engine/trigger";
import { action } from "#lib/web/action";

export const triggerRunAction = action(TriggerInput, async (ctx, input) => {
  const made = await triggerRun(ctx, input);
  revalidatePath("/", "layout");
  return made;
});

export const triggerAllAction = action(TriggerAllInput, async (ctx, input) => {
  const made = await triggerAll(ctx, input);
  revalidatePath("/", "layout");
  return made;
});
