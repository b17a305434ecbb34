"use server";
import { revalidatePath } from "next/cache";
import type { Ctx } from "#lib/ctx";
import { runScheduleNow } from "#lib/engine/schedule";
import { createSchedule, deleteSchedule, pauseSchedule, resumeSchedule, SaveScheduleInput, ScheduleIdInput, ScheduleInput, saveSchedule } from "#lib/schedules/mutations";
import { action } from "#lib/web/action";

/** The verb, and every page drawn anew: Pipeline Control shows what comes next. */
const andRedraw =
  <I, T>(verb: (ctx: Ctx, input: I) => Promise<T>) =>
  async (ctx: Ctx, input: I): Promise<T> => {
    const result = await verb(ctx, input);
    revalidatePath("/", "layout");
    return result;
  };

export const createScheduleAction = action(ScheduleInput, andRedraw(createSchedule));
export const saveScheduleAction = action(SaveScheduleInput, andRedraw(saveSchedule));
export const pauseScheduleAction = action(ScheduleIdInput, andRedraw(pauseSchedule));
export const resumeScheduleAction = action(ScheduleIdInput, andRedraw(resumeSchedule));
export const runScheduleAction = action(ScheduleIdInput, andRedraw(runScheduleNow));
export const deleteScheduleAction = action(ScheduleIdInput, andRedraw(deleteSchedule));
