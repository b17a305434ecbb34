/** A small reader of Prometheus's text format that minds its grammar, written apart from what prints it. */

export type ReadMetrics = {
  types: Map<string, string>;
  series: { name: string; labels: Record<string, string>; value: number }[];
  /** The one series of this name with these labels; undefined when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
};

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;

/** @throws Error that names the first line that is not of the format. */
export function parseMetrics(text: string): ReadMetrics {
  if (!text.endsWith("\n")) throw new Error("The last line is not ended");
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const series: ReadMetrics["series"] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    const [, help] = /^# HELP (\S+) .+$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (help) {
      if (helped.has(help)) throw new Error(`HELP twice: ${line}`);
      helped.add(help);
    } else if (typed && type) {
      if (types.has(typed) || !helped.has(typed)) throw new Error(`TYPE out of place: ${line}`);
      types.set(typed, type);
    } else {
      const [, name = "", labelText = "", number = ""] = LINE.exec(line) ?? [];
      if (!name) throw new Error(`No sample: ${line}`);
      const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
      if (!types.has(family)) throw new Error(`A sample before its TYPE: ${line}`);
      const labels = parseLabels(labelText, line);
      const value = number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number);
      if (Number.isNaN(value)) throw new Error(`No number: ${line}`);
      const key = `${name}${JSON.stringify(Object.entries(labels).toSorted())}`;
      if (seen.has(key)) throw new Error(`A series twice: ${line}`);
      seen.add(key);
      series.push({ name, labels, value });
    }
  }
  const same = (a: Record<string, string>, b: Record<string, string>) => JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted());
  return { types, series, value: (name, labels = {}) => series.find((one) => one.name === name && same(one.labels, labels))?.value };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let read = 0; read < text.length; read = LABEL.lastIndex) {
    const [, name = "", value = ""] = LABEL.exec(text) ?? [];
    if (!name || name in labels) throw new Error(`Labels are broken: ${line}`);
    labels[name] = value.replace(/\\(\\|"|n)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}
