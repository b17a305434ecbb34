"use client";
import { useRouter } from "next/navigation";
import { runsHref } from "#components/runs/runs-href";
import { Select } from "#components/ui/field";
import type { RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/address";

const SIZES = [50, 100, 200, 500];

export function PageSize({ filter, view }: { filter: RunsFilter; view: RunsView }) {
  const router = useRouter();
  return (
    <Select aria-label="Runs on a page" value={filter.limit} onChange={(event) => router.push(runsHref({ ...filter, limit: Number(event.target.value) }, view), { scroll: false })} className="h-7! w-auto! text-sm max-sm:hidden">
      {[...new Set([...SIZES, filter.limit])].toSorted((a, b) => a - b).map((size) => (
        <option key={size} value={size}>{size} a page</option>
      ))}
    </Select>
  );
}
