"use client";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { Bar, BarChart, CartesianGrid, Line, LineChart, ReferenceArea, Tooltip, XAxis, YAxis } from "recharts";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { StatusMark } from "#components/runs/status-mark";
import type { FilterTree } from "#lib/filters/filter";
import { withCreatedRange } from "#lib/filters/edit";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import type { RunStatus } from "#lib/runs/rules";
import { useBucketLabel } from "./bucket-label";
import { type ChartBucket, STACK_ORDER } from "./runs-chart-data";

const AXIS = { stroke: "var(--line-strong)", tick: { fill: "var(--ink-soft)", fontSize: 12 }, tickLine: false } as const;
const HEIGHT = { bars: 176, lines: 104 };

/**
 * Runs over time, stacked by status, and how long they took. A click or a drag over bars narrows the time to them.
 * The same numbers stand in a table beside it, for whom a picture does not serve.
 */
export function RunsChart({ buckets, bucketMs, tree, page }: { buckets: ChartBucket[]; bucketMs: number; tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const label = useBucketLabel(bucketMs);
  const [brush, setBrush] = useState<{ from: number; to: number } | null>(null);
  const statuses = STACK_ORDER.filter((status) => buckets.some(({ counts }) => counts[status]));
  const data = useMemo(() => buckets.map(({ start, counts, durationMs }) => ({ start, ...counts, p50: durationMs?.p50 ?? null, p95: durationMs?.p95 ?? null })), [buckets]);
  const durations = data.filter(({ p95 }) => p95 !== null).length;
  // A line needs two points: one alone is a dot.
  const dot = durations === 1 && { r: 2.5, strokeWidth: 0 };

  function narrow() {
    if (!brush) return;
    const [from, to] = [Math.min(brush.from, brush.to), Math.max(brush.from, brush.to) + bucketMs];
    setBrush(null);
    router.push(filterHref(page, withCreatedRange(tree, new Date(from), new Date(to))), { scroll: false });
  }
  const at = (state: { activeLabel?: string | number }) => (state.activeLabel === undefined ? null : Number(state.activeLabel));

  return (
    <div className="grid gap-1 select-none" aria-hidden>
      <BarChart
        responsive
        accessibilityLayer={false}
        data={data}
        syncId="time"
        barCategoryGap={1}
        maxBarSize={56}
        margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
        style={{ width: "100%", height: HEIGHT.bars, cursor: "crosshair" }}
        onMouseDown={(state) => {
          const from = at(state);
          if (from !== null) setBrush({ from, to: from });
        }}
        onMouseMove={(state) => {
          const to = at(state);
          if (brush && to !== null && to !== brush.to) setBrush({ ...brush, to });
        }}
        onMouseUp={narrow}
        onMouseLeave={() => setBrush(null)}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="start" tickFormatter={label.short} minTickGap={40} {...AXIS} />
        <YAxis width={60} allowDecimals={false} tickFormatter={formatCount} {...AXIS} axisLine={false} />
        <Tooltip cursor={{ fill: "var(--hover)" }} isAnimationActive={false} content={({ active, label: start }) => (active ? <Told bucket={buckets.find((bucket) => bucket.start === Number(start))} label={label.long} /> : null)} />
        {statuses.map((status) => (
          <Bar key={status} dataKey={status} stackId="runs" fill={`var(--chart-${status}, var(--${status}))`} isAnimationActive={false} />
        ))}
        {brush && <ReferenceArea x1={brush.from} x2={brush.to} fill="var(--accent)" fillOpacity={0.2} />}
      </BarChart>
      {durations > 0 && (
        <LineChart responsive accessibilityLayer={false} data={data} syncId="time" margin={{ top: 8, right: 4, bottom: 0, left: 0 }} style={{ width: "100%", height: HEIGHT.lines }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="start" scale="band" hide />
          <YAxis width={60} tickCount={3} tickFormatter={(ms) => formatDuration(Number(ms)).replace(".0s", "s").replace(/ 0\d[smh]?$| 00[ms]$/, "")} {...AXIS} axisLine={false} />
          <Tooltip cursor={{ stroke: "var(--line-strong)" }} content={() => null} />
          <Line dataKey="p50" stroke="var(--ink-soft)" strokeWidth={1.5} dot={dot && { ...dot, fill: "var(--ink-soft)" }} connectNulls isAnimationActive={false} />
          <Line dataKey="p95" stroke="var(--accent)" strokeWidth={1.5} dot={dot && { ...dot, fill: "var(--accent)" }} connectNulls isAnimationActive={false} />
        </LineChart>
      )}
      {durations > 0 && (
        <p className="flex gap-4 pl-15 text-xs text-ink-soft">
          <span>Duration</span>
          <span className="inline-flex items-center gap-1"><i className="h-0.5 w-4 bg-ink-soft" /> p50</span>
          <span className="inline-flex items-center gap-1"><i className="h-0.5 w-4 bg-accent" /> p95</span>
        </p>
      )}
    </div>
  );
}

function Told({ bucket, label }: { bucket: ChartBucket | undefined; label: (start: number) => string }) {
  if (!bucket) return null;
  return (
    <div className="rounded-md border bg-float px-3 py-2 text-sm shadow-float">
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
