"use server";
import { revalidatePath } from "next/cache";
import { MakeKeyInput, makeKey, RevokeKeyInput, revokeKey } from "#lib/keys/mutations";
import { action } from "#lib/web/action";

export const makeKeyAction = action(MakeKeyInput, async (ctx, input) => {
  const made = await makeKey(ctx, input);
  revalidatePath("/settings/keys");
  return made;
});
export const revokeKeyAction = action(RevokeKeyInput, async (ctx, input) => {
  const result = await revokeKey(ctx, input);
  revalidatePath("/settings/keys");
  return result;
});
