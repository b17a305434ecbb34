/** JSON as rows for reading: fold, search, copy. Pure, isomorphic. */
import type { Json } from "#lib/engine/define";

export type JsonNode = {
  depth: number;
  /** What it is called in what it is in: a name, an index, or null for the whole. */
  key: string | number | null;
  value: Json;
  /** The value on one line: `"text"`, `12`, `{ 3 fields }`, `[ 1 item ]`. */
  text: string;
  /** Nodes from this one on that belong to it, itself counted. */
  size: number;
  /** Index of the node that it is in; -1 for the whole. */
  parent: number;
};

const isBranch = (value: Json): value is Json[] | { [key: string]: Json } => value !== null && typeof value === "object";

/** The whole value, flat, in the order in which it is read. */
export function flattenJson(value: Json): JsonNode[] {
  const nodes: JsonNode[] = [];
  const add = (inner: Json, key: JsonNode["key"], depth: number, parent: number) => {
    const at = nodes.push({ depth, key, value: inner, text: textOf(inner), size: 1, parent }) - 1;
    if (Array.isArray(inner)) for (const [index, one] of inner.entries()) add(one, index, depth + 1, at);
    else if (isBranch(inner)) for (const [name, one] of Object.entries(inner)) add(one, name, depth + 1, at);
    const node = nodes[at];
    if (node) node.size = nodes.length - at;
  };
  add(value, null, 0, -1);
  return nodes;
}

function textOf(value: Json): string {
  if (!isBranch(value)) return JSON.stringify(value);
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (count === 0) return Array.isArray(value) ? "[]" : "{}";
  return Array.isArray(value) ? `[ ${count} ${count === 1 ? "item" : "items"} ]` : `{ ${count} ${count === 1 ? "field" : "fields"} }`;
}

export const isFoldable = (node: JsonNode): boolean => node.size > 1;

/** What is folded at first: everything from this depth on. */
export function foldedFrom(nodes: JsonNode[], depth: number): Set<number> {
  return new Set(nodes.flatMap((node, index) => (node.depth >= depth && isFoldable(node) ? [index] : [])));
}

/** Indexes of the nodes to draw. */
export function visibleJson(nodes: JsonNode[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  for (let at = 0; at < nodes.length; at += folded.has(at) ? (nodes[at]?.size ?? 1) : 1) shown.push(at);
  return shown;
}

/** Indexes of the nodes whose key or value has `q` in it, whatever the case. What holds others matches by its key alone. */
export function searchJson(nodes: JsonNode[], q: string): number[] {
  const wanted = q.toLowerCase();
  if (wanted === "") return [];
  return nodes.flatMap(({ key, value, text }, index) => {
    const inKey = typeof key === "string" && key.toLowerCase().includes(wanted);
    const said = typeof value === "string" ? value : text;
    return inKey || (!isBranch(value) && said.toLowerCase().includes(wanted)) ? [index] : [];
  });
}

/** All that a node is in, outermost first. */
export function parentsOf(nodes: JsonNode[], index: number): number[] {
  const path: number[] = [];
  for (let at = nodes[index]?.parent ?? -1; at >= 0; at = nodes[at]?.parent ?? -1) path.unshift(at);
  return path;
}

/** Where a node is, as JSONPath (RFC 9535) writes it: `$.steps[2]["content-type"]`. */
export function pathOf(nodes: JsonNode[], index: number): string {
  return `$${[...parentsOf(nodes, index), index].map((at) => printKey(nodes[at]?.key ?? null)).join("")}`;
}

function printKey(key: JsonNode["key"]): string {
  if (key === null) return "";
  if (typeof key === "number") return `[${key}]`;
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The value that stored text stands for, or why it is none. */
export function readJson(text: string): { value: Json } | { fault: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** The same path for a list of keys, as a difference has them. */
export const printPath = (keys: (string | number)[]): string => `$${keys.map(printKey).join("")}`;
