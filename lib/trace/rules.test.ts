import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ancestorsOf, countShown, layTrace, listMatches, mergeTrace, nextError, noSteps, printLogLine, type Shown, type Trace, type TraceNode, type TraceUnit, visibleNodes } from "./rules.ts";

type Step = { unit?: number; parent?: number; attempt?: number; name?: string; status?: number; start?: number; ms?: number };

function traceOf(steps: Step[], units: Partial<TraceUnit>[] = [{}], more: Partial<Trace> = {}): Trace {
  const names = [...new Set(steps.map(({ name = "step" }) => name))];
  const columns = noSteps();
  for (const [index, { unit = 1, parent = -1, attempt = 1, name = "step", status = 0, start = index * 10, ms = 10 }] of steps.entries()) {
    const row = { seq: index + 1, unit, parent, attempt, name: names.indexOf(name), status, startMs: start, durationMs: ms };
    for (const [column, value] of Object.entries(row)) columns[column as keyof typeof row].push(value);
  }
  const made = units.map((unit, index): TraceUnit => ({ seq: index + 1, kind: "work", wave: 1, name: `unit-${index + 1}`, status: "completed", attempt: 1, crashes: 0, failures: 0, retryAt: null, itemsDone: 0, itemsFailed: 0, itemsTotal: null, error: null, startMs: 0, endMs: 1_000, ...unit }));
  return { runId: 1, status: "completed", zeroAt: "2026-11-20T10:00:00.000Z", endMs: 1_000, asOf: "2026-11-20T10:00:01.000Z", names, units: made, steps: columns, ...more };
}
const keys = (nodes: TraceNode[]) => nodes.map(({ key }) => key);
const critical = (trace: Trace) => keys(layTrace(trace).filter(({ isCritical }) => isCritical));
const all = { statuses: new Set<Shown>(), q: "" };

const anyTrace = fc
  .record({
    steps: fc.array(fc.record({ unit: fc.integer({ min: 0, max: 4 }), parent: fc.integer({ min: -1, max: 30 }), attempt: fc.integer({ min: 1, max: 3 }), name: fc.constantFrom("a", "b", "ab"), status: fc.integer({ min: 0, max: 2 }), start: fc.integer({ min: 0, max: 900 }), ms: fc.integer({ min: -1, max: 300 }) }), { maxLength: 30 }),
    units: fc.array(fc.record({ wave: fc.integer({ min: 1, max: 3 }), startMs: fc.option(fc.integer({ min: 0, max: 500 })), endMs: fc.option(fc.integer({ min: 500, max: 1_000 })) }), { maxLength: 4 }),
    running: fc.boolean(),
  })
  .map(({ steps, units, running }) => traceOf(steps, units, { status: running ? "running" : "completed" }));

describe("the tree", () => {
  it("has waves, units, attempts and nested steps, each only where there is more than one to tell apart", () => {
    const trace = traceOf(
      [{ unit: 2 }, { unit: 2, parent: 1 }, { unit: 3, attempt: 1, status: 2 }, { unit: 3, attempt: 2 }],
      [{ kind: "plan", wave: 0 }, {}, {}, { wave: 2, status: "failed" }, { kind: "settle", wave: 1_000_000_000 }],
    );
    const nodes = layTrace(trace);
    expect(nodes.map(({ key, depth, size, errors }) => [key, depth, size, errors])).toEqual([
      ["u1", 0, 1, 0],
      ["w1", 0, 9, 1],
      ["u2", 1, 3, 0],
      ["s1", 2, 2, 0],
      ["s2", 3, 1, 0],
      ["u3", 1, 5, 1],
      ["u3a1", 2, 2, 1],
      ["s3", 3, 1, 1],
      ["u3a2", 2, 2, 0],
      ["s4", 3, 1, 0],
      ["w2", 0, 2, 1],
      ["u4", 1, 1, 1],
      ["u5", 0, 1, 0],
    ]);
    expect(ancestorsOf(nodes, "s4")).toEqual(["w1", "u3", "u3a2"]);
  });

  it("has every unit and step exactly once, and sizes that nest", () => {
    fc.assert(fc.property(anyTrace, (trace) => {
      const nodes = layTrace(trace);
      expect(nodes.filter(({ kind }) => kind === "step").map(({ index }) => index).sort((a, b) => a - b)).toEqual(trace.steps.seq.map((_, index) => index));
      expect(nodes.filter(({ kind }) => kind === "unit")).toHaveLength(trace.units.length);
      expect(new Set(keys(nodes)).size).toBe(nodes.length);
      for (const [at, { size, depth, steps }] of nodes.entries()) {
        const inside = nodes.slice(at + 1, at + size);
        expect(inside.every((node) => node.depth > depth)).toBe(true);
        expect(nodes[at + size]?.depth ?? 0).toBeLessThanOrEqual(depth);
        expect(steps).toBe(nodes.slice(at, at + size).filter(({ kind }) => kind === "step").length);
      }
    }));
  });

  it("survives nesting deeper than anyone nests, and circles", () => {
    const deep = layTrace(traceOf(Array.from({ length: 20_000 }, (_, index) => ({ parent: index === 0 ? -1 : index }))));
    expect(deep).toHaveLength(20_001);
    expect(Math.max(...deep.map(({ depth }) => depth))).toBeLessThan(110);
    expect(layTrace(traceOf([{ parent: 2 }, { parent: 1 }]))).toHaveLength(3);
  });
});

describe("the critical path", () => {
  it("is the chain that everything waited for, not what ran beside it", () => {
    const trace = traceOf(
      [{ start: 100, ms: 300 }, { start: 100, ms: 880 }, { unit: 2, start: 100, ms: 100 }],
      [{ startMs: 100, endMs: 980 }, { startMs: 100, endMs: 500 }, { wave: 2, startMs: 980, endMs: 1_000 }],
    );
    expect(critical(trace)).toEqual(["w1", "u1", "s2", "w2", "u3"]);
  });

  it("goes through one of a worker's queue of units after another", () => {
    expect(critical(traceOf([], [{ startMs: 0, endMs: 400 }, { startMs: 0, endMs: 300 }, { startMs: 400, endMs: 1_000 }, { startMs: 300, endMs: 700 }]))).toEqual(["u1", "u3"]);
  });

  it("never has two siblings at the same time, always ends with the last, and is whole from the top down", () => {
    fc.assert(fc.property(anyTrace, (trace) => {
      const nodes = layTrace(trace);
      const parentOf = (node: TraceNode) => nodes.slice(0, nodes.indexOf(node)).findLast((one) => one.depth < node.depth);
      // What seems to outlast that which it is inside of ends with it.
      const end = (node: TraceNode): number => {
        const parent = parentOf(node);
        return Math.min(node.endMs ?? trace.endMs, parent && parent.kind !== "wave" ? end(parent) : trace.endMs);
      };
      for (const [at, node] of nodes.entries()) {
        const parent = parentOf(node);
        if (node.isCritical && parent) expect(parent.isCritical).toBe(true);
        const siblings = nodes.filter((one, index) => index > at && one.isCritical && one.depth === node.depth && one.kind === node.kind && nodes.slice(at + 1, index).every((between) => between.depth >= node.depth));
        if (node.isCritical && node.kind !== "wave") for (const other of siblings) expect(end(node) <= (other.startMs ?? 0) + 1 || end(other) <= (node.startMs ?? 0) + 1).toBe(true);
      }
      const units = nodes.filter(({ kind, startMs }) => kind === "unit" && startMs !== null);
      const last = Math.max(...units.map(end));
      if (units.length > 0 && trace.steps.unit.every((unit) => trace.units.some(({ seq }) => seq === unit))) expect(units.some((node) => node.isCritical && end(node) === last)).toBe(true);
    }));
  });
});

describe("filtering, folding and jumping", () => {
  const trace = traceOf([{ name: "Fetch" }, { name: "parse", parent: 1, status: 2 }, { name: "fetch page", status: 1 }, { name: "parse", status: 2, ms: -1 }]);

  it("keeps what matches with all that it is inside of", () => {
    const nodes = layTrace(trace);
    expect(keys(visibleNodes(nodes, new Set(), trace, { statuses: new Set(["error"]), q: "" }))).toEqual(["u1", "s1", "s2"]);
    expect(keys(visibleNodes(nodes, new Set(), trace, { statuses: new Set(), q: "FETCH" }))).toEqual(["u1", "s1", "s3"]);
    expect(listMatches(trace, { statuses: new Set(["error", "skip"]), q: "parse" })).toEqual([1]);
    expect(keys(visibleNodes(nodes, new Set(["s1"]), trace, all))).toEqual(["u1", "s1", "s3", "s4"]);
  });

  it("counts by what is shown: a step without an end is lost when its run is over, going on before", () => {
    expect(countShown(trace)).toEqual({ ok: 1, skip: 1, error: 1, running: 0, lost: 1 });
    expect(countShown({ ...trace, status: "running" })).toMatchObject({ running: 1, lost: 0 });
  });

  it("goes from error to error and round", () => {
    expect([nextError(trace, null), nextError(trace, 2), nextError(trace, 4), nextError(trace, 4, true), nextError(trace, 2, true)]).toEqual([2, 4, 2, 2, 4]);
    expect(nextError(traceOf([{}]), null)).toBeNull();
  });

  it("unfolded and unfiltered shows all; whatever is folded, what is seen is in order", () => {
    fc.assert(fc.property(anyTrace, fc.array(fc.integer({ min: 0, max: 40 })), (any, picks) => {
      const nodes = layTrace(any);
      expect(visibleNodes(nodes, new Set(), any, all)).toEqual(nodes);
      const folded = new Set(picks.flatMap((pick) => nodes[pick]?.key ?? []));
      const seen = keys(visibleNodes(nodes, folded, any, all));
      expect(seen).toEqual(keys(nodes).filter((key) => ancestorsOf(nodes, key).every((up) => !folded.has(up))));
    }));
  });
});

describe("mergeTrace", () => {
  it("a trace read in pieces is the trace read whole", () => {
    fc.assert(fc.property(anyTrace, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10 }), (trace, cut, overlap) => {
      const part = (from: number, to: number): Trace => {
        const rows = trace.steps.seq.map((_, index) => index).slice(Math.max(0, from), to);
        const used = [...new Set(rows.map((row) => trace.steps.name[row] ?? 0))];
        const steps = noSteps();
        for (const column of Object.keys(steps) as (keyof typeof steps)[]) steps[column] = rows.map((row) => trace.steps[column][row] ?? 0);
        return { ...trace, names: used.map((index) => trace.names[index] ?? ""), steps: { ...steps, name: steps.name.map((index) => used.indexOf(index)) } };
      };
      const spell = ({ names, steps, units }: Trace) => ({ units, steps: { ...steps, name: steps.name.map((index) => names[index]) } });
      const [first, rest] = [part(0, cut), part(cut - overlap, trace.steps.seq.length)];
      expect(spell(mergeTrace(first, rest))).toEqual(spell(trace));
      expect(spell(mergeTrace(rest, first))).toEqual(spell(trace));
    }));
  });
});

it("prints log lines so that each entry of a file begins with its time", () => {
  const line = { at: new Date("2026-11-21T10:00:00Z"), level: "warn", line: "one\n2026-11-21T10:00:00.000Z two", unitSeq: 3 };
  expect(printLogLine(line, "text")).toBe("2026-11-21T10:00:00.000Z warn  [3] one\n    2026-11-21T10:00:00.000Z two\n");
  expect(JSON.parse(printLogLine(line, "ndjson"))).toEqual({ at: "2026-11-21T10:00:00.000Z", level: "warn", unit: 3, line: line.line });
});
