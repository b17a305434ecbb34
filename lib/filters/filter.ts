/**
 * The filter tree: the seed's `filter_query`, and the fields of a run besides. Isomorphic.
 *
 * Read by hand where it branches, since a union of all predicates could only say "no member matched";
 * each fault names its path (`and.0.value_in.values.2`) and what to write instead.
 */
// The small form of zod: the dialog that adds a filter loads this file.
import * as z from "zod/mini";
import { AppError, type Fault } from "#lib/errors";
import { type Filtered, fieldOf, filteredOf, findStatus, isCallKey, isSystemKey, PREDICATES, type Predicate, SYSTEM_KEYS } from "./fields.ts";
import { keyOf, MAX_DEPTH, MAX_FILTER_LENGTH, MAX_LEAVES, MAX_TEXT_LENGTH, MAX_VALUES, SPAN } from "./tree.ts";

/** As many faults are told as a person reads. */
const MAX_FAULTS = 20;

const Text = z.string({ error: "must be a text" }).check(
  z.maxLength(MAX_TEXT_LENGTH, { error: `is longer than ${MAX_TEXT_LENGTH} characters` }),
  z.refine((text) => !text.includes("\0"), { error: "must not hold NUL characters" }),
  z.refine((text) => text.isWellFormed(), { error: "holds half of a surrogate pair, which is no character" }),
);
const Key = Text.check(z.minLength(1, { error: "must not be empty" }));
const NonEmpty = Key;

/** Past the ends of the calendar that JavaScript and PostgreSQL both know. */
const EARLIEST = Date.parse("0001-01-02T00:00:00Z");
const LATEST = Date.parse("9999-12-30T00:00:00Z");

/** An instant as UTC with milliseconds, as runs keep them; finer ones are rounded up, which answers `>=` and `<` alike. */
const NO_TIME = "is no time, such as 2026-03-01T00:00:00Z";
const Instant = z.pipe(
  z.string({ error: "must be a time, such as 2026-03-01T00:00:00Z" }).check(z.maxLength(64, { error: NO_TIME })),
  z.transform((text: string, ctx): string => {
    if (!z.iso.datetime({ offset: true }).safeParse(text).success) {
      const isNaive = z.iso.datetime({ local: true }).safeParse(text).success || z.iso.date().safeParse(text).success;
      return refuse(ctx, isNaive ? "has no time zone; end it with Z or an offset such as +02:00" : NO_TIME);
    }
    const finer = /\.\d{3}\d*[1-9]/.test(text) ? 1 : 0;
    const at = Date.parse(text.replace(/(\.\d{3})\d+/, "$1")) + finer;
    return at >= EARLIEST && at <= LATEST ? new Date(at).toISOString() : refuse(ctx, "is out of range: years 1 to 9999");
  }),
);
/** Says what is wrong with a value, and stands for it. */
function refuse(ctx: z.core.ParsePayload, message: string, path: string[] = []): never {
  ctx.issues.push({ code: "custom", message, path, input: ctx.value });
  return z.NEVER;
}

const Bound = z.pipe(
  z.number({ error: "must be a number" }).check(z.minimum(-Number.MAX_SAFE_INTEGER, { error: "is too small" }), z.maximum(Number.MAX_SAFE_INTEGER, { error: "is too large" })),
  // Minus nought is nought, in a tree as in its address.
  z.transform((bound: number) => bound + 0),
);

const strict = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, { error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined) });

const LEAVES = {
  key_exists: strict({ key: Key }),
  value_equals: strict({ key: Key, value: Text }),
  value_contains: strict({ key: Key, value_substring: NonEmpty }),
  value_in: strict({
    key: Key,
    values: z
      .array(NonEmpty, { error: "must be a list of texts" })
      .check(z.minLength(1, { error: "must not be empty" }), z.maxLength(MAX_VALUES, { error: `holds more than ${MAX_VALUES} values` })),
  }),
  time_range: z.pipe(
    strict({ key: Key, start_time: z.nullish(Instant), end_time: z.nullish(Instant) }),
    z.transform(({ key, start_time, end_time }: { key: string; start_time?: string | null; end_time?: string | null }, ctx) => {
      if (!start_time && !end_time) refuse(ctx, "wants a start_time, an end_time, or both");
      if (start_time && end_time && start_time > end_time) refuse(ctx, "is after end_time", ["start_time"]);
      return { key, ...(start_time && { start_time }), ...(end_time && { end_time }) };
    }),
  ),
  time_last: strict({ key: Key, span: z.string({ error: "must be a text such as 7d" }).check(z.regex(SPAN, { error: "is no length of time such as 90m, 24h, 7d or 4w" })) }),
  number_range: z.pipe(
    strict({ key: Key, min: z.nullish(Bound), max: z.nullish(Bound) }),
    z.transform(({ key, min, max }: { key: string; min?: number | null; max?: number | null }, ctx) => {
      const given = { ...(typeof min === "number" && { min }), ...(typeof max === "number" && { max }) };
      if (given.min === undefined && given.max === undefined) refuse(ctx, "wants a min, a max, or both");
      if (given.min !== undefined && given.max !== undefined && given.min > given.max) refuse(ctx, "is above max", ["min"]);
      return { key, ...given };
    }),
  ),
} satisfies Record<Predicate, z.ZodMiniType>;

type Bodies = { [P in Predicate]: z.output<(typeof LEAVES)[P]> };
/** One predicate: `time_last` reaches from so long ago until now and beyond; `start_time` and `min`, `max` are inclusive, `end_time` is exclusive. */
export type FilterLeaf = { [P in Predicate]: { [K in P]: Bodies[P] } }[Predicate];
export type FilterNode = FilterLeaf | { not: FilterLeaf } | FilterTree;
export type FilterTree = { and: FilterNode[] } | { or: FilterNode[] };

type Path = (string | number)[];
type Reading = { faults: { path: Path; message: string }[]; leaves: number };

/** The tree of a value that was JSON, every fault with its path. Costs no more than its size, however it nests. */
export const FilterTree = z.pipe(z.unknown(), z.transform((value: unknown, ctx): FilterTree => {
  const reading: Reading = { faults: [], leaves: 0 };
  const root = readRoot(value, reading);
  for (const { path, message } of reading.faults.slice(0, MAX_FAULTS)) ctx.issues.push({ code: "custom", path, message, input: value });
  return root ?? z.NEVER;
}));

/**
 * The tree in `text`, or null when there is none (absent or empty: every run).
 *
 * @param name the parameter that it came in, the first part of each fault's path
 * @throws AppError MISMATCH with every fault
 */
export function parseFilterText(text: string | null | undefined, name = "filter_query"): FilterTree | null {
  if (text === null || text === undefined || text.trim() === "") return null;
  if (text.length > MAX_FILTER_LENGTH) throw mismatch([{ path: name, message: `is longer than ${MAX_FILTER_LENGTH} characters` }]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw mismatch([{ path: name, message: `is no valid JSON: ${(error as SyntaxError).message.slice(0, 200)}` }]);
  }
  return parseFilter(value, name);
}

/** @throws AppError MISMATCH with every fault */
export function parseFilter(value: unknown, name = "filter_query", of: Filtered = "run"): FilterTree {
  const parsed = FilterTree.safeParse(value);
  if (parsed.success) {
    const foreign = foreignKey(parsed.data, of);
    if (foreign === null) return parsed.data;
    throw mismatch([{ path: name, message: foreignFault(foreign, of) }]);
  }
  throw mismatch(parsed.error.issues.map(({ path, message }) => ({ path: [name, ...path].join("."), message })));
}

/** A key of the tree that is about something else than the list; null when there is none. */
export function foreignKey(node: FilterNode, of: Filtered): string | null {
  if ("and" in node || "or" in node) {
    for (const child of "and" in node ? node.and : node.or) {
      const found = foreignKey(child, of);
      if (found !== null) return found;
    }
    return null;
  }
  const key = keyOf("not" in node ? node.not : node);
  return (of === "call" ? isCallKey(key) : filteredOf(key) === "run") ? null : key;
}
export const foreignFault = (key: string, of: Filtered): string => `asks for ${key.slice(0, 100)}, which ${of === "call" ? "LLM calls" : "runs"} do not have`;

const mismatch = (faults: Fault[]): AppError =>
  new AppError("MISMATCH", `The filter does not fit. ${faults.map(({ path, message }) => `${path} ${message}`).join("; ").slice(0, 2_000)}.`, { faults });

const ROOT_RULE = "must be an object with exactly one of \"and\" and \"or\", such as {\"and\": [{\"key_exists\": {\"key\": \"team\"}}]}";

function readRoot(value: unknown, reading: Reading): FilterTree | null {
  const only = onlyMember(value);
  if (only && (only[0] === "and" || only[0] === "or")) return readList(only[0], only[1], [only[0]], 1, reading);
  return fault(reading, [], ROOT_RULE);
}

function readNode(value: unknown, path: Path, depth: number, reading: Reading): FilterNode | null {
  const only = onlyMember(value);
  if (!only) return fault(reading, path, `must be an object with exactly one of and, or, not, ${PREDICATES.join(", ")}`);
  const [name, body] = only;
  if (name !== "and" && name !== "or" && name !== "not") return readLeaf(name, body, path, reading);
  if (depth >= MAX_DEPTH) return fault(reading, path, `nests deeper than ${MAX_DEPTH} levels`);
  if (name !== "not") return readList(name, body, [...path, name], depth + 1, reading);
  const inner = onlyMember(body);
  if (!inner || inner[0] === "and" || inner[0] === "or" || inner[0] === "not") return fault(reading, [...path, "not"], `must hold exactly one of ${PREDICATES.join(", ")}`);
  const leaf = readLeaf(inner[0], inner[1], [...path, "not"], reading);
  return leaf && { not: leaf };
}

function readList(name: "and" | "or", body: unknown, path: Path, depth: number, reading: Reading): FilterTree | null {
  if (!Array.isArray(body)) return fault(reading, path, "must be a list");
  if (body.length === 0) return fault(reading, path, "must not be empty");
  const nodes: FilterNode[] = [];
  for (const [index, member] of body.entries()) {
    // Nothing is gained by reading on once it is refused for its size.
    if (reading.leaves > MAX_LEAVES || reading.faults.length >= MAX_FAULTS) return null;
    const node = readNode(member, [...path, index], depth, reading);
    if (node) nodes.push(node);
  }
  return name === "and" ? { and: nodes } : { or: nodes };
}

function readLeaf(name: string, body: unknown, path: Path, reading: Reading): FilterLeaf | null {
  reading.leaves += 1;
  if (reading.leaves > MAX_LEAVES) return fault(reading, [], `holds more than ${MAX_LEAVES} predicates`);
  const predicate = PREDICATES.find((known) => known === name);
  if (!predicate) return fault(reading, [...path, name.slice(0, 50)], `is no predicate; those are ${PREDICATES.join(", ")}, and around them and, or, not`);
  const parsed = LEAVES[predicate].safeParse(body);
  if (!parsed.success) {
    for (const issue of parsed.error.issues.slice(0, MAX_FAULTS)) {
      if (issue.code !== "unrecognized_keys") fault(reading, [...path, predicate, ...(issue.path as Path)], issue.message);
      else for (const key of issue.keys.slice(0, MAX_FAULTS)) fault(reading, [...path, predicate, key.slice(0, 50)], "is not known here");
    }
    return null;
  }
  const leaf = { [predicate]: parsed.data } as FilterLeaf;
  return checkKey(predicate, leaf, path, reading);
}

/** Whether `predicate` may be asked of the leaf's key, and whether its values can occur at all. Statuses become ours. */
function checkKey(predicate: Predicate, leaf: FilterLeaf, path: Path, reading: Reading): FilterLeaf | null {
  const body = Object.values(leaf)[0] as Bodies[Predicate];
  const at = [...path, predicate];
  const field = fieldOf(body.key);
  if (!field) return fault(reading, [...at, "key"], `is no key of ours; those are ${SYSTEM_KEYS.join(", ")}, and subjects such as system/pipeline_run.subject.symbol`);
  if (!field.predicates.includes(predicate)) {
    const what = isSystemKey(body.key) || isCallKey(body.key) ? `system key ${body.key}, which has` : "annotations and subjects, which have";
    return fault(reading, at, `is not supported for ${what} ${field.predicates.join(", ")}`);
  }
  const { choices } = field;
  if (!choices) return leaf;
  const isStatus = body.key === "system/pipeline_run.status";
  const known = (value: string, where: string | number, ...rest: Path): string => {
    const found = isStatus ? findStatus(value) : choices.find((choice) => choice === value.toLowerCase());
    if (!found) fault(reading, [...at, where, ...rest], `is one of ${choices.join(", ")}`);
    return found ?? value;
  };
  if ("value" in body) return { value_equals: { key: body.key, value: known(body.value, "value") } };
  if ("values" in body) return { value_in: { key: body.key, values: body.values.map((value, index) => known(value, "values", index)) } };
  return leaf;
}

/** Name and value of an object that has exactly one member; null for everything else. */
function onlyMember(value: unknown): [string, unknown] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const names = Object.keys(value);
  const [name] = names;
  return names.length === 1 && name !== undefined ? [name, (value as Record<string, unknown>)[name]] : null;
}

function fault(reading: Reading, path: Path, message: string): null {
  if (reading.faults.length < MAX_FAULTS) reading.faults.push({ path, message });
  return null;
}
