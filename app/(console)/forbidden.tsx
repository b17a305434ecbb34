"use client";
import { ShieldBan } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

/** A page that its reader's role does not include. Not a fault: it says who can change that. */
export default function Forbidden() {
  return (
    <EmptyState
      icon={<ShieldBan />}
      title="Your role does not include this page"
      level="h1"
      action={
        <Link href="/" className={buttonClass("primary")}>
          Go to the dashboard
        </Link>
      }
    >
      <p>An admin can give you a role that does, under Settings, People.</p>
    </EmptyState>
  );
}
