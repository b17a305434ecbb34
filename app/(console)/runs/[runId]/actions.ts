"use server";
import { DeleteAnnotationInput, deleteAnnotation, SetAnnotationInput, setAnnotation } from "#lib/annotations/mutations";
import { RetryInput, retryRun } from "#lib/engine/retry";
import { action } from "#lib/web/action";

export const retryRunAction = action(RetryInput, retryRun);
export const setAnnotationAction = action(SetAnnotationInput, setAnnotation);
export const deleteAnnotationAction = action(DeleteAnnotationInput, deleteAnnotation);
