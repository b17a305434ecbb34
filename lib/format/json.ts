/** Replaces what JSON has no word for: big integers (a number where exact, otherwise its digits). */
function plain(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** A value as JSON on one line. Dates become ISO instants in UTC; `undefined` alone becomes `null`. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, plain) ?? "null";
}

/** A value as JSON for reading: two spaces, one field a line. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, plain, 2) ?? "null";
}

/** Stored JSON text for reading; text that is no JSON (cut off, or a program's own words) comes back as it is. */
export function prettyJsonText(text: string): string {
  try {
    return prettyJson(JSON.parse(text));
  } catch {
    return text;
  }
}
