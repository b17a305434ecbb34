"use server";
import { headers } from "next/headers";
import { revalidatePath } from "next/cache";
import { publicOrigin } from "#lib/auth/request";
import type { Ctx } from "#lib/ctx";
import { ChangeRoleInput, changeRole, disablePerson, dropSecondFactor, enablePerson, InviteInput, invitePerson, makeResetLink, type NewLink, PersonInput } from "#lib/people/mutations";
import { linkPath } from "#lib/people/rules";
import { action } from "#lib/web/action";

const andRedraw =
  <I, T>(verb: (ctx: Ctx, input: I) => Promise<T>) =>
  async (ctx: Ctx, input: I): Promise<T> => {
    const result = await verb(ctx, input);
    revalidatePath("/settings/people");
    return result;
  };

/** The whole address, to be passed on: it is told this once. */
const andLink =
  <I>(verb: (ctx: Ctx, input: I) => Promise<NewLink>) =>
  async (ctx: Ctx, input: I): Promise<string> =>
    publicOrigin(await headers()) + linkPath((await verb(ctx, input)).token);

export const invitePersonAction = action(InviteInput, andRedraw(andLink(invitePerson)));
export const makeResetLinkAction = action(PersonInput, andLink(makeResetLink));
export const changeRoleAction = action(ChangeRoleInput, andRedraw(changeRole));
export const disablePersonAction = action(PersonInput, andRedraw(disablePerson));
export const enablePersonAction = action(PersonInput, andRedraw(enablePerson));
export const dropSecondFactorAction = action(PersonInput, andRedraw(dropSecondFactor));
