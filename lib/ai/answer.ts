/** Takes the JSON out of what a model says: models wrap it in code fences, thoughts and courtesies. */
import type { z } from "zod";

/** Places in an answer where JSON is looked for, at most; keeps a hostile answer from costing quadratic time. */
const MAX_CANDIDATES = 40;
const MAX_ISSUES = 3;
/** Reasoning models say what they think before it. */
const THOUGHT_END = "</think>";

export type Read<T> = { ok: true; value: T } | { ok: false; reason: string };

/**
 * The first JSON value in `text` that fits `schema`. Never throws.
 * `reason` says what was wrong with the likeliest one, without a full stop.
 */
export function readAnswer<T>(text: string, schema: z.ZodType<T>, isCut = false): Read<T> {
  const thoughtEnd = text.lastIndexOf(THOUGHT_END);
  const said = text.slice(thoughtEnd < 0 ? 0 : thoughtEnd + THOUGHT_END.length).trim();
  if (said === "") return { ok: false, reason: "it is empty" };
  let firstFault: string | undefined;
  for (const candidate of candidates(said)) {
    const parsed = parseJson(candidate);
    if (!parsed) continue;
    const checked = schema.safeParse(parsed.value);
    if (checked.success) return { ok: true, value: checked.data };
    firstFault ??= checked.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => `${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`).join("; ");
  }
  if (isCut) return { ok: false, reason: "it was cut off at the model's length limit" };
  return { ok: false, reason: firstFault ?? "it holds no JSON" };
}

/** The whole, what stands in code fences, then each balanced `{…}` or `[…]`, in this order. */
function* candidates(text: string): Generator<string> {
  yield text;
  // Split, since a regular expression for fences is quadratic in an answer that never closes one.
  const parts = text.split("```", MAX_CANDIDATES);
  for (let inside = 1; inside < parts.length; inside += 2) yield (parts[inside] ?? "").replace(/^[a-zA-Z]{1,20}\s/, "");
  let from = 0;
  for (let tries = 0; tries < MAX_CANDIDATES; tries += 1) {
    const offset = text.slice(from).search(/[{[]/);
    if (offset < 0) return;
    const start = from + offset;
    const end = balancedEnd(text, start);
    if (end > 0) yield text.slice(start, end);
    from = end > 0 ? end : start + 1;
  }
}

/** Where the value that begins at `start` ends, or -1. Brackets inside strings do not count. */
function balancedEnd(text: string, start: number): number {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (isInString) {
      if (char === "\\") at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
