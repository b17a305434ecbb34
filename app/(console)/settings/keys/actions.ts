"use server";
import { MakeKeyInput, makeKey, RevokeKeyInput, revokeKey } from "#lib/keys/mutations";
import { action } from "#lib/web/action";

export const makeKeyAction = action(MakeKeyInput, makeKey);
export const revokeKeyAction = action(RevokeKeyInput, revokeKey);
