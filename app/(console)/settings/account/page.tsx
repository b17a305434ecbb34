import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { listOwnSessions } from "#lib/auth/account";
import { webDb } from "#lib/db/client";
import { requireSignedIn } from "#lib/web/ctx";
import { OwnSessions } from "./_components/own-sessions";
import { PasswordForm } from "./_components/password-form";
import { SecondFactor } from "./_components/second-factor";

export const metadata: Metadata = { title: "Your account" };

export default async function AccountPage() {
  const me = await requireSignedIn();
  const sessions = await listOwnSessions({ db: webDb() }, me);
  return (
    <>
      <PageHeader title="Your account">
        {me.name}, {me.email}, {me.role}
      </PageHeader>
      <Section title="Password">
        <PasswordForm email={me.email} />
      </Section>
      <Section title="Second factor" note={me.twoFactorEnabled ? "on" : "off"}>
        <SecondFactor isOn={me.twoFactorEnabled} />
      </Section>
      <Section title="Browsers signed in" note={sessions.length}>
        <OwnSessions sessions={sessions} />
      </Section>
    </>
  );
}
