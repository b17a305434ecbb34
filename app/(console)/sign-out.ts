"use server";
import { z } from "zod";
import { signOut } from "#lib/auth/sign-out";
import { openAction } from "#lib/web/action";
import { here, setCookies } from "#lib/web/cookies";

export const signOutAction = openAction(z.object({}), async () => setCookies(await signOut(await here())));
