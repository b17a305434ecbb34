"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { isOpen, type BulkStatus } from "#lib/bulk/fields";

/** News of runs draw the page again by themselves; runs that are left out or wait make none. In milliseconds. */
const EVERY_MS = 1_000;

export function RefreshWhileOpen({ status }: { status: BulkStatus }) {
  const { refresh } = useRouter();
  useEffect(() => {
    if (!isOpen(status)) return;
    const timer = setInterval(() => !document.hidden && refresh(), EVERY_MS);
    return () => clearInterval(timer);
  }, [status, refresh]);
  return null;
}
