import type { Metadata } from "next";
import type { Route } from "next";
import { redirect } from "next/navigation";
import { hasProvider } from "#lib/auth/oidc";
import { safeNext } from "#lib/auth/next";
import { findSession } from "#lib/auth/actor";
import { isEmpty } from "#lib/people/queries";
import { here } from "#lib/web/cookies";
import { NobodyYet } from "./_components/nobody-yet";
import { SignInForm } from "./_components/sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next, refused } = await searchParams;
  const target = safeNext(Array.isArray(next) ? next[0] : next);
  const { db, headers } = await here();
  if (await findSession(db, headers)) redirect(target as Route);
  if (await isEmpty(db)) return <NobodyYet />;

  return <SignInForm next={target} withProvider={hasProvider()} wasRefused={refused !== undefined} />;
}
