"use server";
import { runScheduleNow } from "#lib/engine/schedule";
import { createSchedule, deleteSchedule, pauseSchedule, resumeSchedule, SaveScheduleInput, ScheduleIdInput, ScheduleInput, saveSchedule } from "#lib/schedules/mutations";
import { action } from "#lib/web/action";

export const createScheduleAction = action(ScheduleInput, createSchedule);
export const saveScheduleAction = action(SaveScheduleInput, saveSchedule);
export const pauseScheduleAction = action(ScheduleIdInput, pauseSchedule);
export const resumeScheduleAction = action(ScheduleIdInput, resumeSchedule);
export const runScheduleAction = action(ScheduleIdInput, runScheduleNow);
export const deleteScheduleAction = action(ScheduleIdInput, deleteSchedule);
