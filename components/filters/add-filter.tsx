"use client";
import { Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type FilteredPage, filteredOn, filterHref } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { nodesOf, treeOf } from "#lib/filters/tree";
import type { FilterTree } from "#lib/filters/filter";

const AddFilterDialog = dynamic(async () => (await import("#components/filters/add-filter-dialog")).AddFilterDialog, { ssr: false });

/** Any condition on any field. What it takes is loaded when it is first asked for. */
export function AddFilter({ tree, page }: { tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const [open, setOpen] = useState<boolean | null>(null);

  function add(condition: FilterTree | null) {
    setOpen(false);
    router.push(filterHref(page, treeOf([...nodesOf(tree), ...nodesOf(condition)])), { scroll: false });
  }

  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5 text-ink-soft" /> Filter
      </Button>
      {open !== null && <AddFilterDialog of={filteredOn(page)} open={open} onOpenChange={setOpen} onAdd={add} />}
    </>
  );
}
