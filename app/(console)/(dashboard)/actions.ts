"use server";
import { revalidatePath } from "next/cache";
import { CreateDemoInput, createDemo, RemoveDemoInput, removeDemo } from "#lib/demo/mutations";
import { action } from "#lib/web/action";

export const fillDemoAction = action(CreateDemoInput, async (ctx, input) => {
  const made = await createDemo(ctx, input);
  revalidatePath("/", "layout");
  return made;
});

export const removeDemoAction = action(RemoveDemoInput, async (ctx) => {
  const result = await removeDemo(ctx);
  revalidatePath("/", "layout");
  return result;
});
