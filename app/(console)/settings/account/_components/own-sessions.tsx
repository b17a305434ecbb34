"use client";
import { useState, useTransition } from "react";
import { Time } from "#components/layout/clock";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import type { OwnSession } from "#lib/auth/account";
import { describeBrowser } from "#lib/people/rules";
import { signOutEverywhereAction } from "../actions";

export function OwnSessions({ sessions }: { sessions: OwnSession[] }) {
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, start] = useTransition();

  function handleSignOut() {
    start(async () => {
      const result = await signOutEverywhereAction({}).catch(() => null);
      if (result?.ok) window.location.assign("/sign-in");
      else setFault(result?.error.message ?? "The server cannot be reached. Try again.");
    });
  }

  return (
    <div className="px-4 pb-6 sm:px-6">
      <ul className="max-w-xl divide-y">
        {sessions.map(({ id, ip, userAgent, usedAt, isThis }) => (
          <li key={id} className="flex flex-wrap justify-between gap-x-4 py-2">
            <span>{describeBrowser(userAgent)}{isThis && <span className="ml-2 font-medium text-accent">this browser</span>}</span>
            <span className="text-ink-soft">{ip ?? "unknown address"}, <Time date={usedAt} /></span>
          </li>
        ))}
      </ul>
      <Fault text={fault} />
      <p className="mt-3 flex flex-wrap items-center gap-3">
        <Button disabled={isBusy} onClick={handleSignOut}>Sign out everywhere</Button>
        <span className="text-sm text-ink-soft">In this browser too, at once.</span>
      </p>
    </div>
  );
}
