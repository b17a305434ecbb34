"use server";
import { revalidatePath } from "next/cache";
import { LimitInput, PauseInput, pause, ResumeInput, resume, setLimit } from "#lib/engine/control";
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

export const pauseAction = action(PauseInput, async (ctx, input) => {
  const paused = await pause(ctx, input);
  revalidatePath("/", "layout");
  return paused;
});

export const resumeAction = action(ResumeInput, async (ctx, input) => {
  const resumed = await resume(ctx, input);
  revalidatePath("/", "layout");
  return resumed;
});

export const setLimitAction = action(LimitInput, async (ctx, input) => {
  const set = await setLimit(ctx, input);
  revalidatePath("/", "layout");
  return set;
});
