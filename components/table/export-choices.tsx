"use client";
import { ChevronDown, Download } from "lucide-react";
import { useRef, useState } from "react";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { Menu, MenuLink } from "#components/ui/menu";
import { EXPORT_FORMAT, EXPORT_FORMATS, type ExportFormat } from "#lib/export/fields";
import { formatCount } from "#lib/format/number";
import type { RunCount } from "#lib/stats/queries";

type Props = {
  /** What is exported: "run", "call". */
  noun: string;
  hasFilter: boolean;
  /** Answers how many there are. */
  countHref: string;
  hrefOf: (format: ExportFormat, more?: string) => string;
};

/** Everything that matches as a file, in the order of the list; how many are said before. */
export function ExportChoices({ noun, hasFilter, countHref, hrefOf }: Props) {
  const [said, setSaid] = useState<string | null>(null);
  const asked = useRef(0);

  async function count(isOpen: boolean) {
    const mine = (asked.current += 1);
    setSaid(null);
    if (!isOpen) return;
    const answer = await readData<RunCount>(countHref);
    // Closed, or opened on another filter, meanwhile.
    if (mine !== asked.current) return;
    setSaid(answer.ok ? describeCount(answer.data, noun) : `Not counted: ${answer.message}`);
  }
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
        <span className="block text-xs text-ink-soft">{hasFilter ? "All that match the filter, not only this page." : `Every ${noun}: there is no filter.`}</span>
      </p>
      {EXPORT_FORMATS.map((format) => (
        <MenuLink key={format} href={hrefOf(format)} download>
          <Choice label={EXPORT_FORMAT[format].label} description={EXPORT_FORMAT[format].description} />
        </MenuLink>
      ))}
      <MenuLink href={hrefOf("csv", "&bom=true")} download>
        <Choice label="CSV for Excel" description="The same with a mark by which Excel knows UTF-8" />
      </MenuLink>
    </Menu>
  );
}

function describeCount({ value, kind }: RunCount, noun: string): string {
  if (kind === "atLeast") return `More than ${formatCount(value)} ${noun}s`;
  return value === 1 ? `1 ${noun}` : `${formatCount(value)} ${noun}s`;
}

const Choice = ({ label, description }: { label: string; description: string }) => (
  <span className="py-1">
    <span className="block leading-5">{label}</span>
    <span className="block text-xs text-ink-soft">{description}</span>
  </span>
);
