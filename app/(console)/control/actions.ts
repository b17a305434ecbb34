"use server";
import { LimitInput, PauseInput, pause, ResumeInput, resume, setLimit } from "#lib/engine/control";
import { TriggerAllInput, TriggerInput, triggerAll, triggerRun } from "#lib/engine/trigger";
import { action } from "#lib/web/action";

export const triggerRunAction = action(TriggerInput, triggerRun);
export const triggerAllAction = action(TriggerAllInput, triggerAll);
export const pauseAction = action(PauseInput, pause);
export const resumeAction = action(ResumeInput, resume);
export const setLimitAction = action(LimitInput, setLimit);
