"use server";
import { revalidatePath } from "next/cache";
import { CancelRunInput, cancelRun } from "#lib/engine/cancel";
import { PinRunInput, pinRun } from "#lib/retention/mutations";
import { DeleteViewInput, deleteView, SaveViewInput, saveView } from "#lib/views/mutations";
import { action } from "#lib/web/action";

export const cancelRunAction = action(CancelRunInput, async (ctx, input) => {
  const result = await cancelRun(ctx, input);
  revalidatePath("/", "layout");
  return result;
});

export const pinRunAction = action(PinRunInput, async (ctx, input) => {
  const result = await pinRun(ctx, input);
  revalidatePath(`/runs/${input.runId}`);
  return result;
});

export const saveViewAction = action(SaveViewInput, async (ctx, input) => {
  const saved = await saveView(ctx, input);
  revalidatePath("/", "layout");
  return saved;
});

export const deleteViewAction = action(DeleteViewInput, async (ctx, input) => {
  await deleteView(ctx, input);
  revalidatePath("/", "layout");
  return { deleted: true };
});
