/** Secrets in recorded JSON, hidden by the name of their key. Pure, isomorphic. */
import type { Json } from "#lib/engine/define";

export const MASK = "••••";
/** The same in the middle of a text. */
export const MASK_TEXT = "[redacted]";

/** Names that hold a secret by themselves, and pairs that do together; compared with the last words of a key. */
const SECRET_WORDS = new Set(["password", "passwd", "passphrase", "pwd", "token", "secret", "secrets", "authorization", "cookie", "credential", "credentials", "apikey", "bearer"]);
const SECRET_PAIRS = new Set(["api key", "private key", "access key", "secret key", "signing key", "encryption key"]);

/** `apiKey`, `x-api-key`, `DB_PASSWORD`, `accessToken`; not `maxTokens`, `tokenCount` or `keywords`. */
export function isSecretKey(key: string): boolean {
  const words = key.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return SECRET_WORDS.has(words.at(-1) ?? "") || SECRET_PAIRS.has(words.slice(-2).join(" "));
}

/** The value with everything under a secret key hidden. What says nothing (null, true, an empty text) stays. */
export function maskSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (value === null || typeof value !== "object") return value;
  // Built by entries: a key named __proto__ is data here.
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isSecretKey(key) && isTelling(inner) ? MASK : maskSecrets(inner)]));
}

const isTelling = (value: Json): boolean => value !== null && typeof value !== "boolean" && value !== "";

const KEY = /"((?:[^"\\]|\\.)*)"\s*:\s*/g;

/**
 * The same for JSON text, which stays as it was recorded but for its secrets. Text that is cut off or broken is masked as
 * far as it goes: a secret that was cut in the middle is hidden to the end.
 */
export function maskJsonText(text: string): string {
  let out = "";
  let copied = 0;
  KEY.lastIndex = 0;
  for (let match = KEY.exec(text); match; match = KEY.exec(text)) {
    if (!isSecretKey(readKey(match[1] ?? ""))) continue;
    const from = KEY.lastIndex;
    const to = endOfValue(text, from);
    KEY.lastIndex = to;
    if (/^(null|true|false|""|)$/.test(text.slice(from, Math.min(to, from + 6)))) continue;
    out += `${text.slice(copied, from)}"${MASK}"`;
    copied = to;
  }
  return out + text.slice(copied);
}

/** A key may be written with escapes: "p\u0061ssword". */
function readKey(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}

/** Where the JSON value that begins at `from` ends; the end of the text when it is cut off. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      if (depth === 0) return Math.min(text.length, at + 1);
    } else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (char === "," || char === "\n")) return at;
  }
  return text.length;
}

/** Where the string that begins at `from` has its closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/**
 * What a person sent back with a masked value in it, with the value that it stood for.
 *
 * @param hide how texts were masked besides, by what stands in them
 */
export function unmask(sent: Json, original: Json | undefined, hide = (text: string): string => text): Json {
  if (sent === MASK && original !== undefined) return original;
  if (typeof sent === "string") return typeof original === "string" && sent === hide(original) ? original : sent;
  if (sent === null || typeof sent !== "object" || Array.isArray(sent)) return sent;
  const from = original !== null && typeof original === "object" && !Array.isArray(original) ? original : {};
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, unmask(value, Object.hasOwn(from, key) ? from[key] : undefined, hide)]));
}
