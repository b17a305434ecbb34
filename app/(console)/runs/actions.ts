"use server";
import { CancelRunInput, cancelRun } from "#lib/engine/cancel";
import { PinRunInput, pinRun } from "#lib/retention/mutations";
import { DeleteViewInput, deleteView, SaveViewInput, saveView } from "#lib/views/mutations";
import { action } from "#lib/web/action";

export const cancelRunAction = action(CancelRunInput, cancelRun);
export const pinRunAction = action(PinRunInput, pinRun);
export const saveViewAction = action(SaveViewInput, saveView);
export const deleteViewAction = action(DeleteViewInput, deleteView);
