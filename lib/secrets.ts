/** Secrets in what is kept and told, found by their value, by their shape, or by the name before them. */
import type { Json } from "#lib/engine/define";
import { MASK_TEXT, maskSecrets, unmask } from "#lib/format/mask";

/** Shorter values are words of every day, and would black out half of each line. In characters. */
export const LEAST_SECRET = 6;
const NAMES_SECRET = /secret|token|password|passwd|passphrase|pwd|api_?key|private_?key|access_?key|credential|auth|cookie|session|signature|dsn|^key$|_key$|_pass$|^pgpass/i;

/**
 * The values that must not be told: those of variables whose name looks secret, and the passwords in addresses, as they are
 * written and as they are meant. The longest first, so that none is left in half.
 */
export function secretsOf(env: Record<string, string | undefined>): string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (!value) continue;
    if (NAMES_SECRET.test(name)) for (const form of [value, value.trim(), ...value.split(/[\r\n]+/)]) found.add(form);
    for (const [, password = ""] of value.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s@]+)@/gi)) {
      found.add(password);
      found.add(decode(password));
    }
  }
  return [...found].filter((secret) => secret.length >= LEAST_SECRET).toSorted(longestFirst);
}

const longestFirst = (a: string, b: string): number => b.length - a.length;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The same, each as it is, and as JSON, addresses, base64 and hexadecimal digits carry it, alone or inside of more. The longest first. */
export function secretForms(env: Record<string, string | undefined> = process.env): string[] {
  const forms = secretsOf(env).flatMap((secret) => {
    const bytes = Buffer.from(secret);
    const base64 = [bytes.toString("base64"), ...innerBase64(bytes)];
    return [...escaped(secret), encodeURIComponent(secret), bytes.toString("hex"), ...base64, ...base64.flatMap((form) => [form.replace(/=+$/, ""), form.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")])];
  });
  return [...new Set(forms)].filter((form) => form.length >= LEAST_SECRET).toSorted(longestFirst);
}

/** As it is, and as JSON writes it, and JSON inside of JSON, such as the arguments of a tool that a model calls. */
function escaped(secret: string): string[] {
  const forms = [secret];
  for (let depth = 0; depth < 4; depth += 1) forms.push(JSON.stringify(forms.at(-1)).slice(1, -1));
  return forms;
}

/** What every base64 of a longer text has in it where these bytes stand, for each of the three ways they may fall; 6 bits a letter. */
function innerBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const letters = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").replace(/=+$/, "");
    return letters.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

/** The text without any of the secrets. */
export const redact = (text: string, secrets: readonly string[]): string => secrets.reduce((clean, secret) => clean.replaceAll(secret, MASK_TEXT), text);

/**
 * Before a secret no word goes on; in JSON text a line break is written as `\n`, whose n belongs to no word. What may stand in
 * one may not stand before it, so that no letter is the beginning of a second attempt: all of them take linear time.
 */
const START = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))`;
const shape = (source: string, flags = "g"): RegExp => new RegExp(`${START}${source}`, flags);

/** Secrets that no variable of ours holds, known by their shape; the first group, where there is one, is kept. */
const SHAPES: readonly RegExp[] = [
  shape(String.raw`(bearer\s{1,8})[A-Za-z0-9._~+/=-]{12,}`, "gi"),
  shape(String.raw`(authorization\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?basic\s{1,8})[A-Za-z0-9+/=]{8,}`, "gi"),
  shape(String.raw`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`),
  shape(String.raw`(?:sk|pk|rk|whsec|ghp|gho|ghs|glpat|xox[abprs])[-_][A-Za-z0-9_-]{12,}`),
  shape(String.raw`github_pat_[A-Za-z0-9_]{20,}`),
  shape(String.raw`AKIA[A-Z0-9]{16}`),
  shape(String.raw`AIza[A-Za-z0-9_-]{30,}`),
  shape(String.raw`([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}:)[^\s@/]{1,200}(?=@)`, "gi"),
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
];
/** `password=…` and the like in prose; in data it is the key that tells (`lib/format/mask.ts`). */
const NAMED = shape(String.raw`((?:password|passwd|api[_-]?key|secret|access[_-]?token)\\?["']?\s{0,8}[=:]\s{0,8}\\?["']?)[^\s"',;&\\]{6,}`, "gi");

/** A private key that is told line by line: says of each line, in turn, whether it belongs to one. */
export class KeyLines {
  /** How many more lines may belong to the key that has begun; no key is longer. */
  #left = 0;

  hides(line: Buffer): boolean {
    const isEdge = line.includes("PRIVATE KEY-----");
    if (isEdge && line.includes("-----BEGIN ")) this.#left = 200;
    const hides = this.#left > 0;
    this.#left = isEdge && line.includes("-----END ") ? 0 : Math.max(0, this.#left - 1);
    return hides;
  }
}

const hide = (text: string, shapes: readonly RegExp[]): string => shapes.reduce((clean, pattern) => clean.replace(pattern, (_, kept) => `${typeof kept === "string" ? kept : ""}${MASK_TEXT}`), text);

/** Prose without what looks like a secret. */
export const hideShapes = (text: string): string => hide(hide(text, SHAPES), [NAMED]);

/** What one process keeps to itself. Made once for many texts: to find out the secrets of an environment takes longer than to look for them, and is left until there is a text. */
export type Veil = {
  /** Prose: a message, a line of a log, what a model was asked and said. */
  text(text: string): string;
  /** Data, which stays what it is but for the secrets in its texts and keys. */
  json<T>(value: T): T;
};

export function makeVeil(env: Record<string, string | undefined> = process.env): Veil {
  let forms: string[] | undefined;
  const redacted = (text: string): string => redact(text, (forms ??= secretForms(env)));
  const clean = (text: string): string => hide(redacted(text), SHAPES);
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), walk(inner)]));
  };
  return {
    text: (text) => hideShapes(redacted(text)),
    json: <T>(value: T): T => {
      const text = JSON.stringify(value);
      // Nearly always there is nothing to hide, and one look at the whole is enough.
      return text === undefined || clean(text) === text ? value : (walk(value) as T);
    },
  };
}

/** That of this process, whose environment stays as it was when it began. */
const ownVeil = makeVeil();

/** Parameters as they are shown: they are kept as they were given, since the work goes by them. */
export const shownParams = (params: Json): Json => maskSecrets(ownVeil.json(params));

/** What a person sent back of them, with what was hidden as it was before. */
export const readShownParams = (sent: Json, original: Json | undefined): Json => unmask(sent, original, ownVeil.json);
