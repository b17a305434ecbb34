"use client";
import Link from "next/link";
import { buttonClass } from "#components/ui/button";

/** An address that leads nowhere. It comes with every page, should one be missing: as a name, since the browser has the drawing. */
export function NoSuchPage() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col items-center justify-center px-6 text-center">
      <h1 className="text-title font-semibold">There is no such page</h1>
      <p className="mt-1 text-ink-soft">The address may be incomplete, or of a page that this version does not have.</p>
      <Link href="/" className={`${buttonClass("primary")} mt-5`}>
        Go to the dashboard
      </Link>
    </main>
  );
}
