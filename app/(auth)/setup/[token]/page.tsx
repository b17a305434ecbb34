import { Link2Off } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";
import { MIN_PASSWORD } from "#lib/auth/password";
import { findLink } from "#lib/people/queries";
import { here } from "#lib/web/cookies";
import { SetupForm } from "./setup-form";

export const metadata: Metadata = { title: "Set your password", referrer: "no-referrer", robots: { index: false } };

export default async function SetupPage({ params }: PageProps<"/setup/[token]">) {
  const { token } = await params;
  const { db } = await here();
  const link = await findLink(db, token);
  if (!link) {
    return (
      <EmptyState icon={<Link2Off />} title="This link no longer works" level="h1" action={<Link href="/sign-in" className={buttonClass("primary")}>Go to the sign-in</Link>}>
        <p>It was used, has expired, or is not complete. Ask an admin for a new one; whoever runs Penstock gets one by <code className="font-mono text-sm">./penstock users setup-link</code>.</p>
      </EmptyState>
    );
  }
  return <SetupForm token={token} kind={link.kind} email={link.email} name={link.name} minLength={MIN_PASSWORD} />;
}
