"use server";
import { z } from "zod";
import { safeNext } from "#lib/auth/next";
import { beginOidc } from "#lib/auth/oidc";
import { CodeInput, SignInInput, signIn, verifyCode } from "#lib/auth/sign-in";
import { openAction } from "#lib/web/action";
import { here, setCookies } from "#lib/web/cookies";

export const signInAction = openAction(SignInInput, async (input) => {
  const { step, cookies } = await signIn(await here(), input);
  await setCookies(cookies);
  return step;
});

export const verifyCodeAction = openAction(CodeInput, async (input) => {
  const { step, cookies } = await verifyCode(await here(), input);
  await setCookies(cookies);
  return step;
});

/** @returns the provider's address, to go to */
export const beginOidcAction = openAction(z.object({ next: z.string().max(2_000) }), async ({ next }) => {
  const { url, cookies } = await beginOidc(await here(), safeNext(next));
  await setCookies(cookies);
  return url;
});
