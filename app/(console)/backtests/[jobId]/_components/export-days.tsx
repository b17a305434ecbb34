"use client";
import { ChevronDown, Download } from "lucide-react";
import { Button } from "#components/ui/button";
import { Menu, MenuLink } from "#components/ui/menu";
import { EXPORT_FORMAT, EXPORT_FORMATS } from "#lib/export/fields";

const PARTS = { days: "Days", trades: "Trades" } as const;

/** What a job came to, as a file in each format. */
export function ExportDays({ jobId }: { jobId: string }) {
  return (
    <Menu align="end" trigger={<Button><Download aria-hidden className="size-4" /> Export <ChevronDown aria-hidden className="size-3.5 text-ink-soft" /></Button>}>
      {(["days", "trades"] as const).flatMap((what) => EXPORT_FORMATS.map((format) => (
        <MenuLink key={`${what} ${format}`} href={`/api/v1/backtests/${jobId}/export?what=${what}&format=${format}`} download>{PARTS[what]} as {EXPORT_FORMAT[format].label}</MenuLink>
      )))}
    </Menu>
  );
}
