"use client";
import { ListChecks } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { CreateBulkAction } from "#components/runs/bulk-dialog";
import { Button } from "#components/ui/button";
import type { FilterTree } from "#lib/filters/filter";

const BulkDialog = dynamic(async () => (await import("#components/runs/bulk-dialog")).BulkDialog, { ssr: false });

/** Retries or cancels every run that matches, after showing how many and which. The window is loaded when it is first opened. */
export function BulkMenu({ tree, start }: { tree: FilterTree | null; start: CreateBulkAction }) {
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <ListChecks aria-hidden className="size-3.5 text-ink-soft" />
        Act on all matching
      </Button>
      {open !== null && <BulkDialog open={open} onOpenChange={setOpen} tree={tree} start={start} />}
    </>
  );
}
