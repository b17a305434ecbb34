"use client";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { ErrorCard } from "#components/layout/error-card";
import { Button, buttonClass } from "#components/ui/button";

/** What a page's error boundary shows. The server keeps the cause to itself and gives a digest to find it by. */
export function PageError({ error, retry }: { error: unknown; retry: () => void }) {
  const digest = error instanceof Error && "digest" in error && typeof error.digest === "string" ? error.digest : undefined;
  return (
    <ErrorCard
      level="h1"
      title="This page could not be loaded"
      requestId={digest}
      action={
        <>
          <Button look="primary" onClick={retry}>
            <RotateCw aria-hidden className="size-4" /> Try again
          </Button>
          <Link href="/" className={buttonClass("plain")}>
            Go to the dashboard
          </Link>
        </>
      }
    >
      The server met a fault while it prepared this page. Nothing was changed. Try again; if it stays, look for the request id in the server&rsquo;s log, and
      run <code className="font-mono text-sm">./penstock doctor</code>.
    </ErrorCard>
  );
}
