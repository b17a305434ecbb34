/** How two runs are laid side by side. Pure, isomorphic. */
import type { Comparable } from "#lib/baseline/queries";
import type { Json } from "#lib/engine/define";
import { formatDuration } from "#lib/format/duration";
import { printJson } from "#lib/format/json";
import { formatCount } from "#lib/format/number";
import type { StepStatus, UnitKind, UnitStatus } from "#lib/db/generated/enums";

/** One thing in which two runs differ, in words. */
export type Difference = { name: string; a: string; b: string };

/** Parameters, configuration, decision, duration, items: only what differs. */
export function differencesOf(a: Comparable, b: Comparable): Difference[] {
  const facts: [string, string, string][] = [
    ["Status", a.status, b.status],
    ["Outcome", a.outcome ?? "–", b.outcome ?? "–"],
    ["Duration", durationOf(a), durationOf(b)],
    ["Items", formatCount(a.itemsProcessed), formatCount(b.itemsProcessed)],
    ["Items failed", formatCount(a.itemsFailed), formatCount(b.itemsFailed)],
    ["Units", formatCount(a.unitsTotal), formatCount(b.unitsTotal)],
    ["Units failed", formatCount(a.unitsFailed), formatCount(b.unitsFailed)],
    ["Triggered by", a.triggeredBy, b.triggeredBy],
  ];
  return [
    ...facts.filter(([, left, right]) => left !== right).map(([name, left, right]) => ({ name, a: left, b: right })),
    ...fieldDifferences("Parameter", a.params, b.params),
    ...fieldDifferences("Configuration", a.configSnapshot, b.configSnapshot),
  ];
}

const durationOf = ({ durationMs }: Comparable): string => (durationMs === null ? "–" : formatDuration(durationMs));

function fieldDifferences(word: string, a: Json, b: Json): Difference[] {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) => {
    const [x, y] = [left.get(name) ?? "not set", right.get(name) ?? "not set"];
    return x === y ? [] : [{ name: name === "" ? word : `${word} ${name}`, a: x, b: y }];
  });
}

/** `a.b` → `1`: objects are opened, lists and values printed. */
function leavesOf(value: Json, path = "", into = new Map<string, string>()): Map<string, string> {
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isObject) into.set(path, value === "" ? "empty" : typeof value === "string" ? value : printJson(value));
  else for (const [key, inner] of Object.entries(value)) leavesOf(inner, path === "" ? key : `${path}.${key}`, into);
  return into;
}

/** A step as one side of a comparison. */
export type ComparedStep = {
  seq: number;
  name: string;
  status: StepStatus;
  attempt: number;
  durationMs: number;
  error: string | null;
  /** In dollars; null where no model was asked or its price is not known. */
  costUsd: number | null;
  /** Digests of what was recorded, to tell whether they differ. */
  inputHash: string | null;
  outputHash: string | null;
};

export type ComparedUnit = {
  seq: number;
  kind: UnitKind;
  wave: number;
  name: string;
  status: UnitStatus;
  durationMs: number | null;
  itemsDone: number;
  itemsFailed: number;
  steps: ComparedStep[];
};

/** In what a row differs; durations alone are no divergence. */
export type Divergence = "only a" | "only b" | "status" | "error" | "input" | "output" | "items";

export type CompareRow =
  | { kind: "unit"; a: ComparedUnit | null; b: ComparedUnit | null; differs: Divergence[] }
  | { kind: "step"; a: ComparedStep | null; b: ComparedStep | null; differs: Divergence[] };

/** Units by name and order, inside of each pair the steps likewise: everything of both sides, once. */
export function alignRuns(a: ComparedUnit[], b: ComparedUnit[]): CompareRow[] {
  return pairLeftovers(alignByName(a, b)).flatMap(([left, right]): CompareRow[] => [
    { kind: "unit", a: left, b: right, differs: unitDiffers(left, right) },
    ...alignByName(left?.steps ?? [], right?.steps ?? []).map(([x, y]): CompareRow => ({ kind: "step", a: x, b: y, differs: stepDiffers(x, y) })),
  ]);
}

type Pair<T> = [T, T] | [T, null] | [null, T];

/** The longest common sequence of names, with what stands only on one side where it belongs. O(n·m): for some thousands. */
export function alignByName<T extends { name: string }>(a: T[], b: T[]): Pair<T>[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start]?.name === b[start]?.name) start += 1;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a[a.length - 1 - tail]?.name === b[b.length - 1 - tail]?.name) tail += 1;
  const zip = (from: number, count: number, shift: number) => Array.from({ length: count }, (_, index): Pair<T>[] => pairOf(a[from + index], b[from + shift + index])).flat();
  return [...zip(0, start, 0), ...alignMiddle(a.slice(start, a.length - tail), b.slice(start, b.length - tail)), ...zip(a.length - tail, tail, b.length - a.length)];
}

const pairOf = <T>(left: T | undefined, right: T | undefined): Pair<T>[] => (left && right ? [[left, right]] : []);

function alignMiddle<T extends { name: string }>(a: T[], b: T[]): Pair<T>[] {
  const width = b.length + 1;
  /** Of the rest from (i, j) on: how many names they have in common, in order. */
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      lengths[at] = a[i]?.name === b[j]?.name ? (lengths[at + width + 1] ?? 0) + 1 : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  const pairs: Pair<T>[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [left, right] = [a[i], b[j]];
    const at = i * width + j;
    if (left && right && left.name === right.name) {
      pairs.push([left, right]);
      i += 1;
      j += 1;
    } else if (left && (!right || (lengths[at + width] ?? 0) >= (lengths[at + 1] ?? 0))) {
      pairs.push([left, null]);
      i += 1;
    } else if (right) {
      pairs.push([null, right]);
      j += 1;
    }
  }
  return pairs;
}

/** Units that have no namesake stand beside the one in the same place, if it is of the same wave: batches are named by their numbers. */
function pairLeftovers(pairs: Pair<ComparedUnit>[]): Pair<ComparedUnit>[] {
  const out: Pair<ComparedUnit>[] = [];
  const lonely: ComparedUnit[] = [];
  const guests: ComparedUnit[] = [];
  const settle = () => {
    while (lonely.length > 0 || guests.length > 0) {
      const [left, right] = [lonely[0], guests[0]];
      if (left && right && left.kind === right.kind && left.wave === right.wave) {
        out.push([left, right]);
        lonely.shift();
        guests.shift();
      } else if (left && (!right || left.wave <= right.wave)) {
        out.push([left, null]);
        lonely.shift();
      } else if (right) {
        out.push([null, right]);
        guests.shift();
      }
    }
  };
  for (const pair of pairs) {
    const [left, right] = pair;
    if (left && right) {
      settle();
      out.push(pair);
    } else if (left) lonely.push(left);
    else if (right) guests.push(right);
  }
  settle();
  return out;
}

function unitDiffers(a: ComparedUnit | null, b: ComparedUnit | null): Divergence[] {
  if (!a || !b) return [a ? "only a" : "only b"];
  return [...(a.status !== b.status ? (["status"] as const) : []), ...(a.itemsDone !== b.itemsDone || a.itemsFailed !== b.itemsFailed ? (["items"] as const) : [])];
}

function stepDiffers(a: ComparedStep | null, b: ComparedStep | null): Divergence[] {
  if (!a || !b) return [a ? "only a" : "only b"];
  const parts: [Divergence, boolean][] = [["status", a.status !== b.status], ["error", a.error !== b.error], ["input", a.inputHash !== b.inputHash], ["output", a.outputHash !== b.outputHash]];
  return parts.filter(([, differs]) => differs).map(([part]) => part);
}

/** The index of the first row from which on the runs are not the same; null when they never part. */
export function firstDivergence(rows: CompareRow[]): number | null {
  const steps = rows.findIndex(({ kind, differs }) => kind === "step" && differs.length > 0);
  const units = rows.findIndex(({ kind, a, b, differs }) => kind === "unit" && differs.length > 0 && (!a || !b || (a.steps.length === 0 && b.steps.length === 0)));
  const found = [steps, units].filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : null;
}
