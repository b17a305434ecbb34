"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#components/ui/button";
import type { RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/address";

/** Loaded when it is first asked for. */
const JumpDialog = dynamic(async () => (await import("#components/runs/jump-dialog")).JumpDialog, { ssr: false });

/** Opens the list at an instant, however deep in the history: no page is skipped over. */
export function JumpToTime({ filter, view }: { filter: RunsFilter; view: RunsView }) {
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>Jump to time</Button>
      {open !== null && <JumpDialog open={open} onOpenChange={setOpen} filter={filter} view={view} />}
    </>
  );
}
