/** What processes say of themselves: one line an event, JSON when no terminal reads it, secrets taken out by their value. */
import { format, inspect, stripVTControlCharacters } from "node:util";

export type Level = "info" | "warn" | "error";
/** Ids and numbers that belong to the event; never payloads. An `error` is told with its class and stack. */
export type Fields = Record<string, unknown>;
export type Log = Record<Level, (msg: string, fields?: Fields) => void>;

/** Where lines go. `isTty`: a person reads them. */
export type Sink = { write(text: string): void; isTty: boolean; env: Record<string, string | undefined>; now(): Date };

/** Shorter values are words of every day, and would black out half of each line. In characters. */
export const LEAST_SECRET = 6;
const HIDDEN = "[redacted]";
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
  return [...found].filter((secret) => secret.length >= LEAST_SECRET).toSorted((a, b) => b.length - a.length);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text without any of the secrets. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, HIDDEN), text);
}

/** The secrets of this process's environment, for what it writes elsewhere than in its log. */
export const knownSecrets = (): string[] => secretsOf(process.env);

/** One line for a program. Should a secret survive all the same, made up of what stands around it, the line says only that. */
export function printLine(level: Level, msg: string, fields: Fields, at: Date, secrets: readonly string[]): string {
  const clean = (_: string, value: unknown) => (typeof value === "string" ? redact(value, secrets) : typeof value === "bigint" ? String(value) : value);
  const told = Object.fromEntries(Object.entries(fields).map(([name, value]) => [redact(name, secrets), plain(value)]));
  // First, so that a person finds it, and last, so that no field stands in its place.
  const said = { level, time: at.toISOString(), msg };
  const line = JSON.stringify({ ...said, ...told, ...said }, clean);
  return secrets.some((secret) => line.includes(secret)) ? JSON.stringify({ ...said, msg: HIDDEN }) : line;
}

/** Errors as JSON would lose them, and what JSON cannot print at all. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return { class: value.name, message: value.message, stack: value.stack };
  try {
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
    return value;
  } catch {
    return inspect(value);
  }
}

export function openLog(sink: Sink): Log {
  const say = (level: Level) => (msg: string, fields: Fields = {}) => {
    // Asked each time: the address of the database joins the environment after the start.
    const secrets = secretsOf(sink.env);
    if (!sink.isTty) return sink.write(`${printLine(level, msg, fields, sink.now(), secrets)}\n`);
    const { error, ...rest } = fields;
    const more = Object.keys(rest).length > 0 ? ` ${inspect(rest, { breakLength: Number.POSITIVE_INFINITY })}` : "";
    sink.write(`${redact(`${msg}${more}${error instanceof Error ? `\n${error.stack ?? error.message}` : ""}`, secrets)}\n`);
  };
  return { info: say("info"), warn: say("warn"), error: say("error") };
}

/** The log of this process, on standard error. */
export const log: Log = openLog({
  write: (text) => void process.stderr.write(text),
  get isTty() {
    return process.stderr.isTTY === true;
  },
  get env() {
    return process.env;
  },
  now: () => new Date(),
});

/** What a library writes to the console becomes lines of the log. For processes that nobody types into. */
export function adoptConsole(): void {
  const take = (level: Level) => (...given: unknown[]) => {
    const error = given.find((value) => value instanceof Error);
    log[level](stripVTControlCharacters(error ? error.message : format(...given)), error ? { error } : {});
  };
  Object.assign(console, { log: take("info"), info: take("info"), warn: take("warn"), error: take("error") });
}
