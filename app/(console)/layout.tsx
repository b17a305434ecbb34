import type { ReactNode } from "react";
import { Shell } from "#components/layout/shell";
import { consolePerson } from "#lib/web/ctx";
import { signOutAction } from "./sign-out";

// Each page reads the database: none is drawn at build time.
export const dynamic = "force-dynamic";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { name, role, may } = await consolePerson();
  return (
    <Shell now={Date.now()} name={name} role={role} may={may} onSignOut={signOutAction.bind(null, {})}>
      {children}
    </Shell>
  );
}
