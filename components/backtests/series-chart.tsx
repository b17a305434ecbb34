"use client";
import { Area, AreaChart, CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import { LineMark, lineLook } from "./model-colours";

/** Values by date: `null` where a series has none. */
export type Series = { name: string; values: (number | null)[] };
export type SeriesChartProps = { dates: string[]; series: Series[]; /** Drawn over each other as shares of a whole, or as lines. */ kind: "lines" | "stacked"; height: number; syncId?: string; format: (value: number) => string };

const AXIS = { stroke: "var(--line-strong)", tick: { fill: "var(--ink-soft)", fontSize: 12 }, tickLine: false } as const;
/** What a hint lists; more would leave the screen. */
const MOST_TOLD = 12;

/** Series over the same dates. The same numbers stand in a table beside it, for whom a picture does not serve. */
export function SeriesChart({ dates, series, kind, height, syncId, format }: SeriesChartProps) {
  const data = dates.map((date, index) => ({ date, ...Object.fromEntries(series.map(({ values }, at) => [`s${at}`, values[index] ?? null])) }));
  const Chart = kind === "lines" ? LineChart : AreaChart;
  return (
    <div aria-hidden className="select-none">
      <Chart responsive accessibilityLayer={false} data={data} {...(syncId && { syncId })} margin={{ top: 6, right: 8, bottom: 0, left: 0 }} style={{ width: "100%", height }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="date" minTickGap={48} {...AXIS} />
        <YAxis width={72} domain={kind === "lines" ? ["auto", "auto"] : [0, "auto"]} tickFormatter={format} {...AXIS} axisLine={false} />
        <Tooltip isAnimationActive={false} cursor={{ stroke: "var(--line-strong)" }} content={({ active, label }) => (active ? <Told date={String(label)} at={dates.indexOf(String(label))} series={series} format={format} /> : null)} />
        {series.map(({ name }, at) =>
          kind === "lines" ? (
            <Line key={name} dataKey={`s${at}`} {...lineLook(at)} strokeWidth={1.75} dot={dates.length === 1} connectNulls isAnimationActive={false} />
          ) : (
            <Area key={name} dataKey={`s${at}`} stackId="whole" {...lineLook(at)} fill={lineLook(at).stroke} fillOpacity={0.35} isAnimationActive={false} />
          ),
        )}
      </Chart>
    </div>
  );
}

function Told({ date, at, series, format }: { date: string; at: number; series: Series[]; format: (value: number) => string }) {
  const told = series.map(({ name, values }, index) => ({ name, index, value: values[at] ?? null })).filter((one): one is { name: string; index: number; value: number } => one.value !== null).toSorted((a, b) => b.value - a.value);
  return (
    <div className="rounded-md border bg-float px-3 py-2 text-sm shadow-float">
      <p className="font-semibold">{date}</p>
      {told.slice(0, MOST_TOLD).map(({ name, index, value }) => (
        <p key={name} className="flex items-center justify-between gap-6">
          <span className="inline-flex items-center gap-1.5"><LineMark index={index} />{name}</span>
          <span>{format(value)}</span>
        </p>
      ))}
      {told.length > MOST_TOLD && <p className="text-ink-soft">and {told.length - MOST_TOLD} more</p>}
    </div>
  );
}
