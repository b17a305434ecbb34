"use server";
import { openSession, setSession } from "#lib/auth/session";
import { redeemLink, UseLinkInput } from "#lib/people/mutations";
import { originOf } from "#lib/auth/request";
import { openAction } from "#lib/web/action";
import { here, setCookies } from "#lib/web/cookies";

/** Whoever has used a link is signed in by it. */
export const redeemLinkAction = openAction(UseLinkInput, async (input) => {
  const { db, headers } = await here();
  const { userId } = await redeemLink({ db, actor: { kind: "web", name: "a one-time link", may: new Set(), from: originOf(headers) } }, input);
  await setCookies([setSession(await openSession(db, userId, headers), headers)]);
});
