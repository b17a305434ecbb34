import "server-only";
import { cookies, headers } from "next/headers";
import type { At, SetCookie } from "#lib/auth/session";
import { webDb } from "#lib/db/client";

/** Sets cookies with the answer to this action. */
export async function setCookies(list: SetCookie[]): Promise<void> {
  const jar = await cookies();
  for (const { name, value, options } of list) jar.set(name, value, options);
}

/** Where this request is. */
export const here = async (): Promise<At> => ({ db: webDb(), headers: new Headers([...(await headers())]) });
