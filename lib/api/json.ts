/** JSON from outside, read with suspicion. Pure. */
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";

/**
 * What a JSON text means, if it means one thing only: a key that stands twice in an object means one value to this
 * program and another to the next; `__proto__` and numbers past what a number holds mean something else once copied.
 *
 * @throws AppError INVALID, with the path of the key where there is one.
 */
export function parseJson(text: string): unknown {
  const fault = faultOf(text);
  if (fault) throw new AppError("INVALID", fault.path ? `${fault.path}: ${fault.message}` : `The JSON ${fault.message}.`, fault.path ? { faults: [fault] } : {});
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (typeof value === "number" && !Number.isFinite(value)) throw new AppError("INVALID", `${key}: the number is too large.`, { faults: [{ path: key, message: "the number is too large" }] });
      return value;
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("INVALID", `The body is no valid JSON: ${(error as SyntaxError).message}`, { cause: error });
  }
}

type Open = { keys: Set<string> | null; last: string };

/** Looked for before anything is parsed, in one pass over what may not even be JSON. */
function faultOf(text: string): { path: string; message: string } | null {
  const open: Open[] = [];
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "{" || char === "[") {
      open.push({ keys: char === "{" ? new Set() : null, last: "" });
      if (open.length > LIMITS.jsonDepth) return { path: "", message: `nests deeper than ${LIMITS.jsonDepth} levels` };
    } else if (char === "}" || char === "]") open.pop();
    else if (char === '"') {
      const end = endOfString(text, at);
      const inside = open.at(-1);
      if (inside?.keys && text[skipSpace(text, end + 1)] === ":") {
        const key = readString(text.slice(at, end + 1));
        const path = [...open.slice(0, -1).map(({ last }) => last).filter(Boolean), key].join(".").slice(0, 200);
        if (key === "__proto__") return { path, message: "is not a name that a key may have" };
        if (inside.keys.has(key)) return { path, message: "stands there twice" };
        inside.keys.add(key);
        inside.last = key;
        keys += 1;
        if (keys > LIMITS.jsonKeys) return { path: "", message: `has more than ${LIMITS.jsonKeys} keys` };
      }
      at = end;
    }
  }
  return null;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}

/** A key may be written with escapes: "__pr\u006fto__". */
function readString(raw: string): string {
  if (!raw.includes("\\")) return raw.slice(1, -1);
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw;
  }
}
