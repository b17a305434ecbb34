/** The text format of Prometheus, 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): pure. */
import { declared, METRIC_NAMES, type MetricName } from "./fields.ts";

export type Sample = { labels: Record<string, string>; value: number };
/** `counts` are not added up yet: one for each bucket of the metric, and one for what is above them all. */
export type Histogram = { labels: Record<string, string>; counts: number[]; sum: number };
/** What is known of each metric; of those that are absent nothing is. */
export type Samples = Map<MetricName, (Sample | Histogram)[]>;

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** All of it, in the order of the catalogue. */
export function printMetrics(samples: Samples): string {
  return METRIC_NAMES.flatMap((name) => {
    const { help, type } = declared(name);
    const lines = (samples.get(name) ?? []).flatMap((sample) => ("counts" in sample ? printHistogram(name, sample) : [printSample(name, sample.labels, sample.value)]));
    return lines.length === 0 ? [] : [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines];
  }).join("\n").concat("\n");
}

function printHistogram(name: MetricName, { labels, counts, sum }: Histogram): string[] {
  const bounds = [...(declared(name).buckets ?? []).map(String), "+Inf"];
  let upTo = 0;
  const buckets = bounds.map((le, index) => printSample(`${name}_bucket`, { ...labels, le }, (upTo += counts[index] ?? 0)));
  return [...buckets, printSample(`${name}_sum`, labels, sum), printSample(`${name}_count`, labels, upTo)];
}

function printSample(name: string, labels: Record<string, string>, value: number): string {
  const told = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${told.length > 0 ? `{${told.join(",")}}` : ""} ${value === Number.POSITIVE_INFINITY ? "+Inf" : value === Number.NEGATIVE_INFINITY ? "-Inf" : value}`;
}

const escapeLabel = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
