"use server";
import { revalidatePath } from "next/cache";
import { DeleteAnnotationInput, deleteAnnotation, SetAnnotationInput, setAnnotation } from "#lib/annotations/mutations";
import { RetryInput, retryRun } from "#lib/engine/retry";
import { action } from "#lib/web/action";

export const retryRunAction = action(RetryInput, async (ctx, input) => {
  const made = await retryRun(ctx, input);
  revalidatePath("/", "layout");
  return made;
});

export const setAnnotationAction = action(SetAnnotationInput, async (ctx, input) => {
  const set = await setAnnotation(ctx, input);
  revalidatePath("/", "layout");
  return set;
});

export const deleteAnnotationAction = action(DeleteAnnotationInput, async (ctx, input) => {
  await deleteAnnotation(ctx, input);
  revalidatePath("/", "layout");
});
