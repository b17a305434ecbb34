"use server";
import { revalidatePath } from "next/cache";
import { setAgentSwitch, SetAgentSwitchInput, setKillSwitch, SetKillSwitchInput } from "#lib/pipelines/trading/desk";
import { action } from "#lib/web/action";

export const setKillSwitchAction = action(SetKillSwitchInput, async (ctx, input) => {
  const set = await setKillSwitch(ctx, input);
  revalidatePath("/", "layout");
  return set;
});

export const setAgentSwitchAction = action(SetAgentSwitchInput, async (ctx, input) => {
  const set = await setAgentSwitch(ctx, input);
  revalidatePath("/", "layout");
  return set;
});
