"use server";
import { headers } from "next/headers";
import { publicOrigin } from "#lib/auth/request";
import type { Ctx } from "#lib/ctx";
import { ChangeRoleInput, changeRole, disablePerson, dropSecondFactor, enablePerson, InviteInput, invitePerson, makeResetLink, type NewLink, PersonInput } from "#lib/people/mutations";
import { linkPath } from "#lib/people/rules";
import { action } from "#lib/web/action";

/** The whole address, to be passed on: it is told this once. */
const andLink =
  <I>(verb: (ctx: Ctx, input: I) => Promise<NewLink>) =>
  async (ctx: Ctx, input: I): Promise<string> =>
    publicOrigin(await headers()) + linkPath((await verb(ctx, input)).token);

export const invitePersonAction = action(InviteInput, andLink(invitePerson));
export const makeResetLinkAction = action(PersonInput, andLink(makeResetLink));
export const changeRoleAction = action(ChangeRoleInput, changeRole);
export const disablePersonAction = action(PersonInput, disablePerson);
export const enablePersonAction = action(PersonInput, enablePerson);
export const dropSecondFactorAction = action(PersonInput, dropSecondFactor);
