import type { ReactNode } from "react";
import { AccessProvider } from "#components/access";
import { ClockProvider } from "#components/layout/clock";
import { LiveProvider } from "#components/layout/live";
import { Nav } from "#components/layout/nav";
import { TopBar } from "#components/layout/top-bar";
import { PersonMenu } from "#components/people/person-menu";
import { consolePerson } from "#lib/web/ctx";
import { signOutAction } from "./sign-out";

// Each page reads the database: none is drawn at build time.
export const dynamic = "force-dynamic";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { name, role, may } = await consolePerson();
  return (
    <ClockProvider now={Date.now()}>
      <AccessProvider name={name} may={may}>
        <LiveProvider>
          <a href="#content" className="absolute -top-12 left-2 z-50 rounded-md bg-accent px-3 py-2 font-semibold text-on-accent focus:top-2">
            Skip to the content
          </a>
          <div className="flex min-h-dvh">
            <Nav />
            <div className="flex min-w-0 flex-1 flex-col max-sm:pb-16">
              <TopBar person={<PersonMenu name={name} role={role} onSignOut={signOutAction.bind(null, {})} />} />
              <main id="content" tabIndex={-1} className="flex-1 outline-none">
                {children}
              </main>
            </div>
          </div>
        </LiveProvider>
      </AccessProvider>
    </ClockProvider>
  );
}
