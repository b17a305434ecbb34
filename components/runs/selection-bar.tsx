"use client";
import { X } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import type { CreateBulkAction } from "#components/runs/bulk-dialog";
import { BulkMenu } from "#components/runs/bulk-menu";
import { runsOf } from "#components/filters/filter-href";
import { Button, buttonClass } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";
import { anyOf } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";

/** The filter that means these runs. */
export const treeOfIds = (ids: number[]): FilterTree => ({ and: [anyOf("system/pipeline_run.id", ids.map(String))] });

/** What can be done with the runs that were picked. */
export function SelectionBar({ ids, startBulk, onClear }: { ids: number[]; startBulk: CreateBulkAction; onClear: () => void }) {
  const [a, b] = ids;
  return (
    <div role="toolbar" aria-label="Picked runs" className="sticky bottom-4 z-20 mx-auto mt-3 flex w-fit max-w-[calc(100vw-2rem)] flex-wrap items-center gap-2 rounded-md border bg-float px-3 py-2 shadow-float max-sm:bottom-20">
      <span className="font-medium" role="status">
        {ids.length} {ids.length === 1 ? "run" : "runs"} picked
      </span>
      <Link href={runsOf(treeOfIds(ids))} className={buttonClass("plain", "sm")}>
        Show only these
      </Link>
      {ids.length === 2 && (
        <Link href={`/runs/compare?a=${a}&b=${b}`} className={buttonClass("plain", "sm")}>
          Compare
        </Link>
      )}
      <IfMay permission="runs.retry"><BulkMenu tree={treeOfIds(ids)} start={startBulk} /></IfMay>
      <CopyButton text={ids.join("\n")} label="Copy the numbers" />
      <Button look="quiet" size="sm" onClick={onClear}>
        <X aria-hidden className="size-3.5" /> Clear
      </Button>
    </div>
  );
}
