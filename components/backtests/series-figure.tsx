"use client";
import { ChartLine, Table2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#components/ui/button";
import { css } from "#components/ui/css";
import { Skeleton } from "#components/ui/skeleton";
import { formatAmount, formatCount } from "#lib/format/number";
import { LineMark } from "./model-colours";
import type { Series } from "./series-chart";

const SeriesChart = dynamic(async () => (await import("./series-chart")).SeriesChart, { ssr: false, loading: () => <Skeleton className="h-60" /> });

const FORMATS = {
  money: (value: number) => (Number.isInteger(value) ? formatCount(value) : formatAmount(value)),
  percent: (value: number) => `${value.toFixed(1).replace("-", "−")} %`,
} as const;

/** Series in words, as a picture with lines that can be left out, or as a table. */
export function SeriesFigure({ label, summary, dates, series, kind = "lines", unit, height = 260, syncId }: {
  label: string;
  summary: string;
  dates: string[];
  series: Series[];
  kind?: "lines" | "stacked";
  unit: keyof typeof FORMATS;
  height?: number;
  syncId?: string;
}) {
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const format = FORMATS[unit];
  const toggle = (name: string) => setHidden((before) => {
    const next = new Set(before);
    if (!next.delete(name)) next.add(name);
    return next;
  });
  return (
    <figure className="px-4 pb-4 sm:px-6">
      <figcaption className="flex min-h-8 flex-wrap items-center justify-between gap-2 pb-1 text-sm text-ink-soft">
        <span>{summary}</span>
        <Button size="sm" look="quiet" onClick={() => setAsTable(!asTable)}>
          {asTable ? <ChartLine aria-hidden className="size-3.5" /> : <Table2 aria-hidden className="size-3.5" />}
          {asTable ? "Show as chart" : "Show as table"}
        </Button>
      </figcaption>
      {asTable ? (
        <SeriesTable label={label} dates={dates} series={series} format={format} />
      ) : (
        <div {...css({ minHeight: height })}>
          {/* A hidden series keeps its place, so that the others keep their looks. */}
          <SeriesChart dates={dates} series={series.map((one) => (hidden.has(one.name) ? { ...one, values: [] } : one))} kind={kind} height={height} format={format} {...(syncId && { syncId })} />
        </div>
      )}
      {!asTable && (
        <ul aria-label={`Lines of ${label}`} className="flex flex-wrap gap-x-1 gap-y-1 pt-2">
          {series.map(({ name }, index) => (
            <li key={name}>
              <button type="button" aria-pressed={!hidden.has(name)} onClick={() => toggle(name)} className="inline-flex min-h-7 items-center gap-1.5 rounded-md px-1.5 text-sm hover:bg-hover aria-[pressed=false]:text-ink-soft aria-[pressed=false]:line-through">
                <LineMark index={index} />
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function SeriesTable({ label, dates, series, format }: { label: string; dates: string[]; series: Series[]; format: (value: number) => string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section aria-label={label} tabIndex={0} className="max-h-80 overflow-auto rounded-md border">
      <table className="w-full text-sm">
        <thead className="sticky top-0 bg-sunken text-xs text-ink-soft">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-semibold">Date</th>
            {series.map(({ name }) => <th key={name} scope="col" className="px-3 py-1.5 text-right font-semibold whitespace-nowrap">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {dates.map((date, at) => (
            <tr key={date} className="border-t">
              <th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap">{date}</th>
              {series.map(({ name, values }) => <td key={name} className="px-3 py-1 text-right">{values[at] == null ? "–" : format(values[at])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
