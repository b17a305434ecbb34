/** What this process has counted and timed since it started. */
import { declared, type LabelsOf, type MetricName, type MetricsOf } from "./fields.ts";
import type { Histogram, Sample, Samples } from "./rules.ts";

/** Series a metric may have; what comes after is told as `other`, so that nobody's input fills the memory. */
const MAX_SERIES = 500;

type Recorded = Map<MetricName, Map<string, Sample | Histogram>>;
// Routes and the server have copies of this module each; what they count is one.
const held = globalThis as { penstockMetrics?: Recorded };

function seriesOf<S extends Sample | Histogram>(name: MetricName, labels: Record<string, string>, make: (labels: Record<string, string>) => S): S {
  held.penstockMetrics ??= new Map();
  const ofName = held.penstockMetrics.get(name) ?? new Map<string, Sample | Histogram>();
  held.penstockMetrics.set(name, ofName);
  const ordered = Object.fromEntries(declared(name).labels.map((label) => [label, labels[label] ?? ""]));
  const key = JSON.stringify(Object.values(ordered));
  const known = ofName.get(key);
  // A name is either counted or timed, never both.
  if (known) return known as S;
  if (ofName.size >= MAX_SERIES && Object.values(ordered).some((value) => value !== "other")) {
    return seriesOf(name, Object.fromEntries(Object.keys(ordered).map((label) => [label, "other"])), make);
  }
  const made = make(ordered);
  ofName.set(key, made);
  return made;
}

/** Adds to a counter. */
export function countMetric<N extends MetricsOf<"counter">>(name: N, labels: LabelsOf<N>, by = 1): void {
  seriesOf<Sample>(name, labels, (own) => ({ labels: own, value: 0 })).value += by;
}

/** Puts a duration into a histogram. */
export function timeMetric<N extends MetricsOf<"histogram">>(name: N, labels: LabelsOf<N>, seconds: number): void {
  const buckets = declared(name).buckets ?? [];
  const series = seriesOf<Histogram>(name, labels, (own) => ({ labels: own, counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 }));
  const bucket = buckets.findIndex((bound) => seconds <= bound);
  const index = bucket === -1 ? buckets.length : bucket;
  series.counts[index] = (series.counts[index] ?? 0) + 1;
  series.sum += Math.max(0, seconds);
}

export function recordedSamples(): Samples {
  return new Map([...(held.penstockMetrics ?? [])].map(([name, series]) => [name, [...series.values()]]));
}
