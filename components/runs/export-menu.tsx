"use client";
import { ChevronDown, Download } from "lucide-react";
import { useRef, useState } from "react";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { Menu, MenuLink } from "#components/ui/menu";
import { EXPORT_FORMAT, EXPORT_FORMATS } from "#lib/export/fields";
import type { RunCount } from "#lib/stats/queries";
import type { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/params";
import { formatCount } from "#lib/format/number";
import { EVERY_RUN, type RunsFilter, toSearchParams } from "#lib/runs/filter";

/** Every run that matches as a file, in the order of the list; how many are said before. */
export function ExportMenu({ tree, sort }: { tree: FilterTree | null; sort: Pick<RunsFilter, "sort" | "dir"> }) {
  const [said, setSaid] = useState<string | null>(null);
  const asked = useRef(0);

  async function count(isOpen: boolean) {
    const mine = (asked.current += 1);
    setSaid(null);
    if (!isOpen) return;
    const answer = await readData<RunCount>(`/api/v1/runs/count?${printFilterParams(tree)}`);
    // Closed, or opened on another filter, meanwhile.
    if (mine !== asked.current) return;
    setSaid(answer.ok ? describeCount(answer.data) : `Not counted: ${answer.message}`);
  }
  const href = (format: string, more = "") => {
    const params = toSearchParams({ ...EVERY_RUN, tree, sort: sort.sort, dir: sort.dir });
    params.set("format", format);
    return `/api/v1/runs/export?${params}${more}`;
  };
  return (
    <Menu
      align="end"
      onOpenChange={count}
      trigger={
        <Button size="sm">
          <Download aria-hidden className="size-3.5 text-ink-soft" />
          Export
          <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
        </Button>
      }
    >
      <p role="status" className="max-w-72 border-b px-2 pt-1 pb-2 text-sm">
        <span className="font-medium">{said ?? "Counting …"}</span>
        <span className="block text-xs text-ink-soft">{tree ? "All that match the filter, not only this page." : "Every run: there is no filter."}</span>
      </p>
      {EXPORT_FORMATS.map((format) => (
        <MenuLink key={format} href={href(format)} download>
          <Choice label={EXPORT_FORMAT[format].label} description={EXPORT_FORMAT[format].description} />
        </MenuLink>
      ))}
      <MenuLink href={href("csv", "&bom=true")} download>
        <Choice label="CSV for Excel" description="The same with a mark by which Excel knows UTF-8" />
      </MenuLink>
    </Menu>
  );
}

function describeCount({ value, kind }: RunCount): string {
  if (kind === "atLeast") return `More than ${formatCount(value)} runs`;
  return value === 1 ? "1 run" : `${formatCount(value)} runs`;
}

const Choice = ({ label, description }: { label: string; description: string }) => (
  <span className="py-1">
    <span className="block leading-5">{label}</span>
    <span className="block text-xs text-ink-soft">{description}</span>
  </span>
);
