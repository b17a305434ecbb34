"use server";
import { z } from "zod";
import { beginSecondFactor, ChangePasswordInput, ConfirmInput, changePassword, confirmSecondFactor, dropOwnSecondFactor, PasswordInput } from "#lib/auth/account";
import type { At, SignedIn } from "#lib/auth/session";
import { signOutEverywhere } from "#lib/auth/sign-out";
import { AppError } from "#lib/errors";
import { openAction } from "#lib/web/action";
import { here, setCookies } from "#lib/web/cookies";
import { findSignedInHere } from "#lib/web/ctx";

/** What somebody does to their own account: no right is needed, only to be signed in. */
const own = <S extends z.ZodType, T>(schema: S, verb: (at: At, me: SignedIn, input: z.output<S>) => Promise<T>) =>
  openAction(schema, async (input) => {
    const me = await findSignedInHere();
    if (!me) throw new AppError("UNAUTHENTICATED", "You are signed out. Reload the page to sign in again.");
    return verb(await here(), me, input);
  });

export const changePasswordAction = own(ChangePasswordInput, async (at, me, input) => setCookies(await changePassword(at, me, input)));
export const beginSecondFactorAction = own(PasswordInput, beginSecondFactor);
export const confirmSecondFactorAction = own(ConfirmInput, async (at, me, input) => setCookies(await confirmSecondFactor(at, me, input)));
export const dropOwnSecondFactorAction = own(PasswordInput, dropOwnSecondFactor);
export const signOutEverywhereAction = own(z.object({}), async (at, me) => setCookies(await signOutEverywhere(at, me)));
