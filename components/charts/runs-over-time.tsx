"use client";
import { ChartColumn, Table2 } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { type FilteredPage, runsOf } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { Skeleton } from "#components/ui/skeleton";
import { withCreatedRange } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import { bucketSpan, useBucketLabel } from "./bucket-label";
import { type ChartBucket, STACK_ORDER } from "./runs-chart-data";

const RunsChart = dynamic(async () => (await import("./runs-chart")).RunsChart, { ssr: false, loading: () => <Skeleton className="h-76" /> });

/** The chart in words, as a picture, or as a table. */
export function RunsOverTime({ buckets, bucketMs, tree, page }: { buckets: ChartBucket[]; bucketMs: number; tree: FilterTree | null; page: FilteredPage }) {
  const [asTable, setAsTable] = useState(false);
  const label = useBucketLabel(bucketMs);
  const totals = buckets.map(({ counts }) => STACK_ORDER.reduce((sum, status) => sum + (counts[status] ?? 0), 0));
  const all = totals.reduce((sum, one) => sum + one, 0);
  const most = totals.indexOf(Math.max(...totals));
  const failed = buckets.reduce((sum, { counts }) => sum + (counts.failed ?? 0), 0);
  const statuses = STACK_ORDER.filter((status) => buckets.some(({ counts }) => counts[status]));
  const peak = buckets[most];
  if (all === 0) return <p className="px-4 pb-6 text-ink-soft sm:px-6">No run was triggered in this time that fits the filter.</p>;
  return (
    <figure className="px-4 pb-4 sm:px-6">
      <figcaption className="flex min-h-8 flex-wrap items-center justify-between gap-2 pb-2 text-sm text-ink-soft">
        <span>
          {formatCount(all)} {all === 1 ? "run" : "runs"}, {formatCount(failed)} failed
          {peak && <>; most, {formatCount(totals[most] ?? 0)}, in the {bucketSpan(bucketMs)} from {label.long(peak.start)}</>}
        </span>
        <Button size="sm" look="quiet" onClick={() => setAsTable(!asTable)}>
          {asTable ? <ChartColumn aria-hidden className="size-3.5" /> : <Table2 aria-hidden className="size-3.5" />}
          {asTable ? "Show as chart" : "Show as table"}
        </Button>
      </figcaption>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section aria-label="Runs over time" tabIndex={0} className="max-h-75 overflow-auto rounded-md border">
          <table className="w-full text-sm">
            <thead className="sticky top-0 bg-sunken text-xs text-ink-soft">
              <tr>
                <th scope="col" className="px-3 py-1.5 text-left font-semibold">From</th>
                {statuses.map((status) => <th key={status} scope="col" className="px-3 py-1.5 text-right font-semibold">{status}</th>)}
                <th scope="col" className="px-3 py-1.5 text-right font-semibold">p50</th>
                <th scope="col" className="px-3 py-1.5 text-right font-semibold">p95</th>
              </tr>
            </thead>
            <tbody>
              {buckets.toReversed().map((bucket) => (
                <tr key={bucket.start} className="border-t">
                  <td className="px-3 py-1">
                    <Link className="text-accent hover:underline" href={runsOf(withCreatedRange(tree, new Date(bucket.start), new Date(bucket.start + bucketMs)))}>{label.long(bucket.start)}</Link>
                  </td>
                  {statuses.map((status) => <td key={status} className="px-3 py-1 text-right">{formatCount(bucket.counts[status] ?? 0)}</td>)}
                  <td className="px-3 py-1 text-right">{bucket.durationMs ? formatDuration(bucket.durationMs.p50) : "–"}</td>
                  <td className="px-3 py-1 text-right">{bucket.durationMs ? formatDuration(bucket.durationMs.p95) : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <div className="min-h-76">
          <RunsChart buckets={buckets} bucketMs={bucketMs} tree={tree} page={page} />
        </div>
      )}
    </figure>
  );
}
