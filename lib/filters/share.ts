/** A filter as other doors take it: a line for a shell. Pure, isomorphic. */
import type { Filtered } from "./fields.ts";
import type { FilterTree } from "./filter.ts";
import { printFilterParams } from "./address.ts";

/** A word for a POSIX shell: as it is when nothing in it is special, otherwise in single quotes. */
const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** @param origin such as http://localhost:3000 */
export function printRequest(tree: FilterTree | null, origin: string, of: Filtered = "run"): string {
  const query = printFilterParams(tree).toString();
  return `curl ${quote(`${origin}/api/v1/${of === "call" ? "llm-calls" : "runs"}${query ? `?${query}` : ""}`)}`;
}

/** The `./penstock runs ls` (or `llm ls`) line that lists the same. */
export function printCommand(tree: FilterTree | null, of: Filtered = "run"): string {
  const flags = [...printFilterParams(tree)].map(([param, value]) => {
    if (param.startsWith("not.")) return `--not ${quote(`${param.slice(4)}=${value}`)}`;
    const [prefix] = /^(subject|annotation)\./.exec(param) ?? [];
    if (prefix) return `--${prefix.slice(0, -1)} ${quote(`${param.slice(prefix.length)}=${value}`)}`;
    return value.startsWith("-") ? `--${flagOf(param)}=${quote(value)}` : `--${flagOf(param)} ${quote(value)}`;
  });
  return [`./penstock ${of === "call" ? "llm" : "runs"} ls`, ...flags].join(" ");
}

const flagOf = (param: string): string => (param === "q" ? "query" : param);
