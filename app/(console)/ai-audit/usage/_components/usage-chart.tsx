"use client";
import { useMemo } from "react";
import { Bar, BarChart, CartesianGrid, Tooltip, XAxis, YAxis } from "recharts";
import { useBucketLabel } from "#components/charts/bucket-label";
import { css } from "#components/ui/css";
import { DAY_MS, HOUR_MS } from "#lib/format/duration";
import { formatCount, formatUsd, usdTick } from "#lib/format/number";

const AXIS = { stroke: "var(--line-strong)", tick: { fill: "var(--ink-soft)", fontSize: 12 }, tickLine: false } as const;
/** Greys and the accent: colours of statuses would say something else. */
const FILLS = ["var(--chart-accent)", "var(--chart-hold)", "var(--ink-soft)", "var(--line-strong)"];
const OTHERS = "others";

type Cell = { key: string; calls: number; costUsd: number };
type Point = { at: number; groups: Cell[] };

/** Cost over time, stacked by the dearest three of what it is broken down by; calls where nothing has a price. The same numbers stand in the tables below. */
export function UsageChart({ series, hourly }: { series: Point[]; hourly: boolean }) {
  const { names, data, isCost, most } = useMemo(() => stackOf(series), [series]);
  const label = useBucketLabel(hourly ? HOUR_MS : DAY_MS, true);
  return (
    <div aria-hidden className="px-4 pb-4 select-none sm:px-6">
      <BarChart responsive accessibilityLayer={false} data={data} barCategoryGap={1} margin={{ top: 4, right: 4, bottom: 0, left: 0 }} style={{ width: "100%", height: 192 }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="at" tickFormatter={label.short} minTickGap={40} {...AXIS} />
        <YAxis width={64} allowDecimals={isCost} tickFormatter={isCost ? usdTick(most) : formatCount} {...AXIS} axisLine={false} />
        <Tooltip
          cursor={{ fill: "var(--hover)" }}
          isAnimationActive={false}
          content={({ active, label: at }) => (active ? <Told point={series.find((point) => point.at === Number(at))} label={label.long(Number(at))} /> : null)}
        />
        {names.map((name, place) => <Bar key={name} dataKey={(point: { sums: Record<string, number> }) => point.sums[name] ?? 0} name={name} stackId="usage" fill={FILLS[place]} isAnimationActive={false} />)}
      </BarChart>
      <p className="flex flex-wrap gap-x-4 pl-16 text-xs text-ink-soft">
        {names.map((name, place) => <span key={name} className="inline-flex items-center gap-1"><i className="size-2.5 rounded-sm" {...css({ background: FILLS[place] })} /> {name || "none"}</span>)}
        {!isCost && <span>Calls: nothing here has a known cost.</span>}
      </p>
    </div>
  );
}

function stackOf(series: Point[]) {
  const cells = series.flatMap(({ groups }) => groups);
  const isCost = cells.some(({ costUsd }) => costUsd > 0);
  const heightOf = ({ calls, costUsd }: Cell) => (isCost ? costUsd : calls);
  const totals = new Map<string, number>();
  for (const cell of cells) totals.set(cell.key, (totals.get(cell.key) ?? 0) + heightOf(cell));
  const top = [...totals].toSorted((a, b) => b[1] - a[1]).slice(0, FILLS.length - 1).map(([key]) => key);
  const data = series.map(({ at, groups }) => {
    const sums: Record<string, number> = {};
    for (const cell of groups) {
      const name = top.includes(cell.key) ? cell.key : OTHERS;
      sums[name] = (sums[name] ?? 0) + heightOf(cell);
    }
    return { at, sums };
  });
  const most = Math.max(0, ...data.map(({ sums }) => Object.values(sums).reduce((sum, one) => sum + one, 0)));
  return { names: totals.size > top.length ? [...top, OTHERS] : top, data, isCost, most };
}

function Told({ point, label }: { point: Point | undefined; label: string }) {
  if (!point) return null;
  return (
    <div className="rounded-md border bg-float px-3 py-2 text-sm shadow-float">
      <p className="font-semibold">{label}</p>
      {point.groups.length === 0 && <p className="text-ink-soft">no call</p>}
      {point.groups.toSorted((a, b) => b.costUsd - a.costUsd || b.calls - a.calls).slice(0, 8).map(({ key, calls, costUsd }) => (
        <p key={key} className="flex justify-between gap-6"><span>{key || "none"}</span><span className="tabular-nums">{formatUsd(costUsd)}, {formatCount(calls)} {calls === 1 ? "call" : "calls"}</span></p>
      ))}
    </div>
  );
}
