"use client";
import type { ReactNode } from "react";
import { AccessProvider } from "#components/access";
import { ClockProvider } from "#components/layout/clock";
import { LiveProvider } from "#components/layout/live";
import { Nav } from "#components/layout/nav";
import { TopBar } from "#components/layout/top-bar";
import { PersonMenu } from "#components/people/person-menu";
import type { Permission } from "#lib/access/rules";

type Props = {
  /** When the server drew the page, in milliseconds since 1970. */
  now: number;
  name: string;
  role: string;
  may: readonly Permission[];
  onSignOut: () => Promise<unknown>;
  children: ReactNode;
};

/** What stands around every page: the rail, the top bar, and what their parts share. */
export function Shell({ now, name, role, may, onSignOut, children }: Props) {
  return (
    <ClockProvider now={now}>
      <AccessProvider name={name} may={may}>
        <LiveProvider>
          <a href="#content" className="absolute -top-12 left-2 z-50 rounded-md bg-accent px-3 py-2 font-semibold text-on-accent focus:top-2">
            Skip to the content
          </a>
          <div className="flex min-h-dvh">
            <Nav />
            <div className="flex min-w-0 flex-1 flex-col max-sm:pb-16">
              <TopBar person={<PersonMenu name={name} role={role} onSignOut={onSignOut} />} />
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
