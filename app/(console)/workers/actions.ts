"use server";
import { action } from "#lib/web/action";
import { DrainWorkerInput, drainWorker } from "#lib/workers/mutations";

export const drainWorkerAction = action(DrainWorkerInput, drainWorker);
