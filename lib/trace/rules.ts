/** The structure of a run as it goes over the wire, and what is drawn from it. Pure, isomorphic. */
import type { RunStatus, StepStatus, UnitKind, UnitStatus } from "#lib/db/generated/enums";

export type TraceUnit = {
  seq: number;
  kind: UnitKind;
  wave: number;
  name: string;
  status: UnitStatus;
  attempt: number;
  crashes: number;
  /** Attempts that failed and were followed by another. */
  failures: number;
  /** When it is tried again, as JSON has it; null when it does not wait for that. */
  retryAt: string | null;
  itemsDone: number;
  itemsFailed: number;
  itemsTotal: number | null;
  /** The first 300 characters. */
  error: string | null;
  /** Milliseconds since the trace's zero; null before it began. */
  startMs: number | null;
  /** Null while it has not ended. */
  endMs: number | null;
};

/** Steps as columns of equal length, by `seq`: a third of the size of rows, and quick to parse. */
export type TraceSteps = {
  seq: number[];
  /** The unit that it belongs to; -1: none. */
  unit: number[];
  /** The step that it is inside of; -1: none. */
  parent: number[];
  attempt: number[];
  /** Index into `names`. */
  name: number[];
  /** Index into `STEP_STATUSES`. */
  status: number[];
  /** Milliseconds since the trace's zero. */
  startMs: number[];
  /** Milliseconds; -1 while it has not ended. */
  durationMs: number[];
};

export type Trace = {
  runId: number;
  status: RunStatus;
  /** What the milliseconds count from: the run's start, or its making before it has begun. */
  zeroAt: string;
  /** The run's end, or the moment of asking while it goes on. */
  endMs: number;
  /** Ask again with this as `since` for what is new. */
  asOf: string;
  names: string[];
  units: TraceUnit[];
  steps: TraceSteps;
};

export const STEP_STATUSES = ["ok", "skip", "error"] as const satisfies StepStatus[];
const ERROR = 2;

export const noSteps = (): TraceSteps => ({ seq: [], unit: [], parent: [], attempt: [], name: [], status: [], startMs: [], durationMs: [] });

/** The trace with `news` laid over it: new units and steps added, known ones brought up to date. Neither is changed. */
export function mergeTrace(known: Trace, news: Trace): Trace {
  const units = new Map(known.units.map((unit) => [unit.seq, unit]));
  for (const unit of news.units) units.set(unit.seq, unit);
  const names = [...known.names];
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const renamed = news.names.map((name) => {
    const index = indexOf.get(name) ?? names.push(name) - 1;
    indexOf.set(name, index);
    return index;
  });
  const steps = copySteps(known.steps);
  const at = new Map(steps.seq.map((seq, index) => [seq, index]));
  const isSorted = (news.steps.seq[0] ?? Number.POSITIVE_INFINITY) > (steps.seq.at(-1) ?? -1);
  for (const [from, seq] of news.steps.seq.entries()) {
    const to = at.get(seq) ?? steps.seq.length;
    for (const column of STEP_COLUMNS) steps[column][to] = news.steps[column][from] ?? -1;
    steps.name[to] = renamed[news.steps.name[from] ?? 0] ?? 0;
  }
  return { ...news, names, units: [...units.values()].sort((a, b) => a.seq - b.seq), steps: isSorted ? steps : sortSteps(steps) };
}

const STEP_COLUMNS = ["seq", "unit", "parent", "attempt", "name", "status", "startMs", "durationMs"] as const satisfies (keyof TraceSteps)[];

const copySteps = (steps: TraceSteps): TraceSteps => {
  const copy = noSteps();
  for (const column of STEP_COLUMNS) copy[column] = steps[column].slice();
  return copy;
};

function sortSteps(steps: TraceSteps): TraceSteps {
  const order = steps.seq.map((_, index) => index).sort((a, b) => (steps.seq[a] ?? 0) - (steps.seq[b] ?? 0));
  const sorted = noSteps();
  for (const column of STEP_COLUMNS) sorted[column] = order.map((index) => steps[column][index] ?? -1);
  return sorted;
}

/** How a step is shown: one without an end is going on while its run does, and lost once that has ended. */
export type Shown = "ok" | "skip" | "error" | "running" | "lost";

export function shownStatus(trace: Pick<Trace, "status" | "steps">, index: number): Shown {
  const { status, durationMs } = trace.steps;
  if (durationMs[index] === -1 && status[index] === ERROR) return trace.status === "running" ? "running" : "lost";
  return STEP_STATUSES[status[index] ?? ERROR] ?? "error";
}

/** One row of the tree, in the order in which it is drawn: whatever is inside of it follows it at once. */
export type TraceNode = {
  kind: "wave" | "unit" | "attempt" | "step";
  /** `w1`, `u3`, `u3a2`, `s17`: the same for as long as the run exists. */
  key: string;
  name: string;
  /** Of a unit its index in `units`, of a step its index in `steps`, else the number of the wave or attempt. */
  index: number;
  depth: number;
  /** Nodes from this one on that belong to it, itself counted. */
  size: number;
  startMs: number | null;
  /** Null while it goes on, and before it began. */
  endMs: number | null;
  /** Steps inside that are errors or lost, itself counted; of a unit without such, 1 when it failed itself. */
  errors: number;
  /** Steps inside, itself counted. */
  steps: number;
  isCritical: boolean;
};

/** A node while the tree is built. The same objects go into the flat list: there may be 50,000 of them. */
type Branch = TraceNode & { children: Branch[] };

/** What is only known when the whole tree is. */
const unplaced = () => ({ depth: 0, size: 1, isCritical: false });

/** Steps nested deeper stand beside those at this depth: what follows walks the tree by recursion. */
const DEPTH_MAX = 100;

const KIND_NAMES: Partial<Record<UnitKind, string>> = { plan: "Planning", settle: "Settling" };

/** The whole tree, flat: waves (where there is more than one), units, attempts (likewise), steps inside steps. */
export function layTrace(trace: Trace): TraceNode[] {
  const { steps, names } = trace;
  const stepBranches: Branch[] = steps.seq.map((seq, index) => {
    const shown = shownStatus(trace, index);
    const startMs = steps.startMs[index] ?? 0;
    const durationMs = steps.durationMs[index] ?? -1;
    // Nobody knows when a lost one ended: it is drawn as the moment in which it began.
    const endMs = shown === "running" ? null : startMs + Math.max(0, durationMs);
    return { kind: "step", key: `s${seq}`, name: names[steps.name[index] ?? 0] ?? "", index, startMs, endMs, errors: shown === "error" || shown === "lost" ? 1 : 0, steps: 1, children: [], ...unplaced() };
  });
  const indexOf = new Map(steps.seq.map((seq, index) => [seq, index]));
  const topSteps = new Map<number, Branch[]>();
  /** The one that a step was put into, and how deep it stands. */
  const into: (Branch | undefined)[] = [];
  const depths: number[] = [];
  for (const [index, branch] of stepBranches.entries()) {
    const parent = stepBranches[indexOf.get(steps.parent[index] ?? -1) ?? -1];
    // A parent that begins later is none: it would make a circle.
    const isInside = parent !== undefined && parent.index < index;
    const isDeepest = isInside && (depths[parent.index] ?? 0) >= DEPTH_MAX;
    const holder = isDeepest ? into[parent.index] : isInside ? parent : undefined;
    into.push(holder);
    depths.push(holder ? (depths[holder.index] ?? 0) + 1 : 0);
    if (holder) holder.children.push(branch);
    else push(topSteps, steps.unit[index] ?? -1, branch);
  }
  const unitBranches = trace.units.map((unit, index): Branch => {
    const inside = topSteps.get(unit.seq) ?? [];
    topSteps.delete(unit.seq);
    return { kind: "unit", key: `u${unit.seq}`, name: unit.kind === "work" ? unit.name : (KIND_NAMES[unit.kind] ?? unit.name), index, startMs: unit.startMs, endMs: unit.endMs, errors: 0, steps: 0, children: byAttempt(unit.seq, inside, steps), ...unplaced() };
  });
  const roots = [...byWave(trace.units, unitBranches), ...[...topSteps.values()].flat()];
  for (const root of roots) countUp(root, trace);
  markCritical(roots.flatMap((root) => (root.kind === "wave" ? root.children : [root])), trace.endMs);
  for (const root of roots) if (root.kind === "wave") root.isCritical = root.children.some((child) => child.isCritical);
  const flat: TraceNode[] = [];
  for (const root of roots) flatten(root, 0, flat);
  return flat;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Steps of more than one attempt stand under their attempt. */
function byAttempt(unitSeq: number, inside: Branch[], steps: TraceSteps): Branch[] {
  const attempts = new Map<number, Branch[]>();
  for (const branch of inside) push(attempts, steps.attempt[branch.index] ?? 1, branch);
  if (attempts.size < 2) return inside;
  return [...attempts].sort(([a], [b]) => a - b).map(([attempt, children]) => ({ kind: "attempt", key: `u${unitSeq}a${attempt}`, name: `Attempt ${attempt}`, index: attempt, ...spanOf(children), errors: 0, steps: 0, children, ...unplaced() }));
}

/** Units of more than one wave stand under their wave; planning and settling belong to none. */
function byWave(units: TraceUnit[], branches: Branch[]): Branch[] {
  const waves = new Map<number, Branch[]>();
  const before: Branch[] = [];
  const after: Branch[] = [];
  for (const branch of branches) {
    const unit = units[branch.index];
    if (unit?.kind === "work") push(waves, unit.wave, branch);
    else if (unit?.kind === "settle") after.push(branch);
    else before.push(branch);
  }
  const sorted = [...waves].sort(([a], [b]) => a - b);
  const middle = sorted.length < 2 ? sorted.flatMap(([, children]) => children) : sorted.map(([wave, children]): Branch => ({ kind: "wave", key: `w${wave}`, name: `Wave ${wave}`, index: wave, ...spanOf(children), errors: 0, steps: 0, children, ...unplaced() }));
  return [...before, ...middle, ...after];
}

function spanOf(children: Branch[]): { startMs: number | null; endMs: number | null } {
  let startMs: number | null = null;
  let endMs: number | null = Number.NEGATIVE_INFINITY;
  for (const child of children) {
    if (child.startMs !== null) startMs = Math.min(startMs ?? child.startMs, child.startMs);
    endMs = endMs === null || child.endMs === null ? null : Math.max(endMs, child.endMs);
  }
  return { startMs, endMs: startMs === null ? null : endMs };
}

function countUp(branch: Branch, trace: Trace): void {
  for (const child of branch.children) {
    countUp(child, trace);
    branch.errors += child.errors;
    branch.steps += child.steps;
  }
  if (branch.kind === "unit" && branch.errors === 0 && trace.units[branch.index]?.status === "failed") branch.errors = 1;
}

/**
 * Marks the chain that decided how long it took. From the end backwards: the one that ended last, then the last that
 * had ended before that one began, and so on; inside each of them the same. What made somebody wait is on it, what ran
 * beside is not. (The usual reading of a trace, as in CRISP, Zhang et al., USENIX ATC 2022, section 3.)
 */
function markCritical(siblings: Branch[], endMs: number): void {
  const begun = siblings.filter((branch) => branch.startMs !== null).map((branch) => ({ branch, start: branch.startMs ?? 0, end: Math.min(branch.endMs ?? endMs, endMs) }));
  begun.sort((a, b) => b.end - a.end || b.start - a.start);
  let until = Number.POSITIVE_INFINITY;
  for (const { branch, start, end } of begun) {
    // Clocks are read to the millisecond: one that follows at once may seem to begin one before its forerunner's end.
    if (end > until + 1 || start > until) continue;
    branch.isCritical = true;
    until = Math.min(until, start);
    markCritical(branch.children, end);
  }
}

function flatten(branch: Branch, depth: number, into: TraceNode[]): void {
  const at = into.push(branch);
  branch.depth = depth;
  for (const child of branch.children) flatten(child, depth + 1, into);
  branch.size = into.length - at + 1;
}

/** Which rows are asked for: `statuses` empty is all; `q` is looked for in the names of steps. */
export type TraceFilter = { statuses: ReadonlySet<Shown>; q: string };

export const isFiltered = ({ statuses, q }: TraceFilter): boolean => statuses.size > 0 || q !== "";

function matches(trace: Trace, filter: TraceFilter): (index: number) => boolean {
  const q = filter.q.toLowerCase();
  const named = trace.names.map((name) => name.toLowerCase().includes(q));
  return (index) => (named[trace.steps.name[index] ?? 0] ?? false) && (filter.statuses.size === 0 || filter.statuses.has(shownStatus(trace, index)));
}

/** The steps that match, as indexes, in order. */
export function listMatches(trace: Trace, filter: TraceFilter): number[] {
  const found: number[] = [];
  const isMatch = matches(trace, filter);
  for (let index = 0; index < trace.steps.seq.length; index += 1) if (isMatch(index)) found.push(index);
  return found;
}

/** The nodes to draw: without what is folded away, and when filtered only what matches with all that it is inside of. */
export function visibleNodes(nodes: TraceNode[], folded: ReadonlySet<string>, trace: Trace, filter: TraceFilter): TraceNode[] {
  const shown: TraceNode[] = [];
  const kept = isFiltered(filter) ? keptNodes(nodes, matches(trace, filter)) : null;
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at];
    if (!node) break;
    if (kept && !kept[at]) {
      at += 1;
      continue;
    }
    shown.push(node);
    at += folded.has(node.key) ? node.size : 1;
  }
  return shown;
}

function keptNodes(nodes: TraceNode[], isMatch: (index: number) => boolean): boolean[] {
  const kept: boolean[] = new Array(nodes.length).fill(false);
  const path: number[] = [];
  for (const [at, node] of nodes.entries()) {
    path.length = node.depth;
    path.push(at);
    if (node.kind === "step" && isMatch(node.index)) for (const up of path) kept[up] = true;
  }
  return kept;
}

/** The keys of all that `key` is inside of, outermost first. */
export function ancestorsOf(nodes: TraceNode[], key: string): string[] {
  const path: string[] = [];
  for (const node of nodes) {
    path.length = node.depth;
    if (node.key === key) return path;
    path.push(node.key);
  }
  return [];
}

/** The seq of the next step in error after `from` (before it when `back`), going round at the end; null when none failed. */
export function nextError(trace: Trace, from: number | null, back = false): number | null {
  const failed = listMatches(trace, { statuses: new Set<Shown>(["error", "lost"]), q: "" }).map((index) => trace.steps.seq[index] ?? 0);
  if (back) return failed.findLast((seq) => from !== null && seq < from) ?? failed.at(-1) ?? null;
  return failed.find((seq) => from === null || seq > from) ?? failed[0] ?? null;
}

export function countShown(trace: Trace): Record<Shown, number> {
  const counts: Record<Shown, number> = { ok: 0, skip: 0, error: 0, running: 0, lost: 0 };
  for (let index = 0; index < trace.steps.seq.length; index += 1) counts[shownStatus(trace, index)] += 1;
  return counts;
}

/** How log lines leave as a file. */
export const LOG_FORMATS = ["text", "ndjson"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
type LogLine = { at: Date; level: string; line: string; unitSeq: number | null };

/** One line of a file, with its end. In text, what a line itself holds of further lines is set in, so that each entry begins with its time. */
export function printLogLine({ at, level, line, unitSeq }: LogLine, format: LogFormat): string {
  if (format === "ndjson") return `${JSON.stringify({ at, level, unit: unitSeq, line })}\n`;
  return `${at.toISOString()} ${level.padEnd(5)} ${unitSeq === null ? "" : `[${unitSeq}] `}${line.replaceAll("\n", "\n    ")}\n`;
}
