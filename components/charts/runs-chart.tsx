"use client";
import { useRouter } from "next/navigation";
import { memo, type PointerEvent, useState } from "react";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { StatusMark } from "#components/runs/status-mark";
import type { FilterTree } from "#lib/filters/filter";
import { withCreatedRange } from "#lib/filters/edit";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import { durationTicksOf, ticksOf } from "#lib/format/ticks";
import type { RunStatus } from "#lib/runs/rules";
import { useBucketLabel } from "./bucket-label";
import { Plot } from "./plot";
import { type ChartBucket, STACK_ORDER } from "./runs-chart-data";

const HEIGHT = { bars: 146, lines: 88 };
/** Words below the bars; a phone has room for every other one. */
const WORDS = 7;

/**
 * Runs over time, stacked by status, and how long they took. A click or a drag over bars narrows the time to them.
 * The same numbers stand in a table beside it, for whom a picture does not serve.
 */
export function RunsChart({ buckets, bucketMs, tree, page }: { buckets: ChartBucket[]; bucketMs: number; tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const label = useBucketLabel(bucketMs);
  const [at, setAt] = useState<number | null>(null);
  const [brushFrom, setBrushFrom] = useState<number | null>(null);
  const n = Math.max(1, buckets.length);
  const ticks = ticksOf(Math.max(...buckets.map(totalOf), 0), 4);
  const slowest = Math.max(...buckets.map(({ durationMs }) => durationMs?.p95 ?? -1), -1);
  const durationTicks = durationTicksOf(slowest, 2);
  // Over several days it is days that one looks for, each where it begins.
  const days = buckets.flatMap(({ start }, index) => (index > 0 && label.day(start) !== label.day(start - bucketMs) ? [{ at: (index + 0.5) / n, word: label.day(start) }] : []));
  const words = thin(days.length >= 3 ? days : buckets.map(({ start }, index) => ({ at: (index + 0.5) / n, word: label.short(start) })));

  const bucketAt = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * n)));
  };
  function narrow(to: number) {
    const [first, last] = [buckets[Math.min(brushFrom ?? to, to)], buckets[Math.max(brushFrom ?? to, to)]];
    setBrushFrom(null);
    if (brushFrom !== null && first && last) router.push(filterHref(page, withCreatedRange(tree, new Date(first.start), new Date(last.start + bucketMs))), { scroll: false });
  }
  const told = at === null ? null : buckets[at];
  const [from, to] = brushFrom === null || at === null ? [at, at] : [Math.min(brushFrom, at), Math.max(brushFrom, at)];
  const marked = from !== null && to !== null && <i className={`absolute inset-y-0 ${brushFrom === null ? "bg-hover" : "bg-accent/20"}`} style={{ left: `${(from / n) * 100}%`, width: `${((to - from + 1) / n) * 100}%` }} />;
  return (
    <div className="grid gap-1 select-none" aria-hidden>
      <Plot height={HEIGHT.bars} ticks={ticks} print={formatCount} words={words}>
        <div
          data-part="bars"
          className="absolute inset-0 cursor-crosshair touch-pan-y"
          onPointerMove={(event) => setAt(bucketAt(event))}
          onPointerDown={(event) => event.button === 0 && setBrushFrom(bucketAt(event))}
          onPointerUp={(event) => narrow(bucketAt(event))}
          onPointerCancel={() => setBrushFrom(null)}
          onPointerLeave={() => {
            setAt(null);
            setBrushFrom(null);
          }}
        >
          {marked}
          <Bars buckets={buckets} top={ticks.at(-1) ?? 1} />
          {told && at !== null && <Told bucket={told} label={label.long} at={(at + 0.5) / n} />}
        </div>
      </Plot>
      {slowest >= 0 && (
        <>
          <Plot height={HEIGHT.lines} ticks={durationTicks} print={(ms) => formatDuration(ms).replace(".0s", "s").replace(/ 0\d[smh]?$| 00[ms]$/, "")}>
            {marked}
            <Lines buckets={buckets} top={durationTicks.at(-1) ?? 1} />
          </Plot>
          <p className="flex gap-4 pl-15 text-xs text-ink-soft">
            <span>Duration</span>
            <span className="inline-flex items-center gap-1"><i className="h-0.5 w-4 bg-ink-soft" /> p50</span>
            <span className="inline-flex items-center gap-1"><i className="h-0.5 w-4 bg-accent" /> p95</span>
          </p>
        </>
      )}
    </div>
  );
}

/** So many of them as there is room for, evenly. */
function thin<T>(all: T[]): T[] {
  const every = Math.max(1, Math.ceil(all.length / WORDS));
  return all.filter((_, index) => index % every === every >> 1);
}

const totalOf = ({ counts }: ChartBucket): number => STACK_ORDER.reduce((sum, status) => sum + (counts[status] ?? 0), 0);

type Drawn = { buckets: ChartBucket[]; /** The value at the upper edge. */ top: number };
const PICTURE = { preserveAspectRatio: "none", className: "pointer-events-none absolute inset-0 size-full" };

/** A path for each status, so that a year of hours is no thousand elements. */
const Bars = memo(function Bars({ buckets, top }: Drawn) {
  const paths = new Map<RunStatus, string[]>();
  for (const [index, { counts }] of buckets.entries()) {
    let foot = 0;
    for (const status of STACK_ORDER) {
      const count = counts[status] ?? 0;
      if (count === 0) continue;
      const list = paths.get(status) ?? [];
      paths.set(status, list);
      list.push(`M${index + 0.06} ${top - foot}h.88v${-count}h-.88z`);
      foot += count;
    }
  }
  return (
    <svg aria-hidden {...PICTURE} viewBox={`0 0 ${Math.max(1, buckets.length)} ${top}`}>
      {[...paths].map(([status, list]) => <path key={status} d={list.join("")} fill={`var(--${status})`} />)}
    </svg>
  );
});

const Lines = memo(function Lines({ buckets, top }: Drawn) {
  const pathOf = (of: "p50" | "p95") => buckets.flatMap(({ durationMs }, index) => (durationMs ? [`${index + 0.5} ${top - durationMs[of]}`] : [])).join("L");
  return (
    <svg aria-hidden {...PICTURE} viewBox={`0 0 ${Math.max(1, buckets.length)} ${top}`} fill="none" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round">
      <path d={`M${pathOf("p50")}`} stroke="var(--ink-soft)" vectorEffect="non-scaling-stroke" />
      <path d={`M${pathOf("p95")}`} stroke="var(--accent)" vectorEffect="non-scaling-stroke" />
    </svg>
  );
});

/** What a bar is made of, beside it: on the side where there is more room. */
function Told({ bucket, label, at }: { bucket: ChartBucket; label: (start: number) => string; at: number }) {
  return (
    <div className={`pointer-events-none absolute top-1 z-10 w-max rounded-md border bg-float px-3 py-2 text-sm text-ink shadow-float ${at > 0.5 ? "-translate-x-full -ml-3" : "ml-3"}`} style={{ left: `${at * 100}%` }}>
      <p className="font-semibold">{label(bucket.start)}</p>
      {STACK_ORDER.filter((status) => bucket.counts[status]).map((status: RunStatus) => (
        <p key={status} className="flex justify-between gap-6">
          <StatusMark status={status} />
          <span>{formatCount(bucket.counts[status] ?? 0)}</span>
        </p>
      ))}
      {bucket.durationMs && <p className="mt-1 text-ink-soft">p50 {formatDuration(bucket.durationMs.p50)}, p95 {formatDuration(bucket.durationMs.p95)}</p>}
      {!STACK_ORDER.some((status) => bucket.counts[status]) && <p className="text-ink-soft">no run</p>}
    </div>
  );
}
