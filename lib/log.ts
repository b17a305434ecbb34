/** What processes say of themselves: one line an event, JSON when no terminal reads it, secrets taken out by their value. */
import { format, inspect, stripVTControlCharacters } from "node:util";
import { MASK_TEXT } from "#lib/format/mask";
import { hideShapes, redact, secretForms } from "#lib/secrets";

export type Level = "info" | "warn" | "error";
/** Ids and numbers that belong to the event; never payloads. An `error` is told with its class and stack. */
export type Fields = Record<string, unknown>;
export type Log = Record<Level, (msg: string, fields?: Fields) => void>;

/** Where lines go. `isTty`: a person reads them. */
export type Sink = { write(text: string): void; isTty: boolean; env: Record<string, string | undefined>; now(): Date };

/** One line for a program. Should a secret survive all the same, made up of what stands around it, the line says only that. */
export function printLine(level: Level, msg: string, fields: Fields, at: Date, secrets: readonly string[]): string {
  const clean = (_: string, value: unknown) => (typeof value === "string" ? hideShapes(redact(value, secrets)) : typeof value === "bigint" ? String(value) : value);
  const told = Object.fromEntries(Object.entries(fields).map(([name, value]) => [redact(name, secrets), plain(value)]));
  // First, so that a person finds it, and last, so that no field stands in its place.
  const said = { level, time: at.toISOString(), msg };
  const line = inert(JSON.stringify({ ...said, ...told, ...said }, clean));
  return secrets.some((secret) => line.includes(secret)) ? JSON.stringify({ ...said, msg: MASK_TEXT }) : line;
}

/** What would command the terminal, or turn the line around, is written out instead of done. In JSON it means the same. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const inert = (text: string): string => text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

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
    const secrets = secretForms(sink.env);
    if (!sink.isTty) return sink.write(`${printLine(level, msg, fields, sink.now(), secrets)}\n`);
    const { error, ...rest } = fields;
    const more = Object.keys(rest).length > 0 ? ` ${inspect(rest, { breakLength: Number.POSITIVE_INFINITY })}` : "";
    sink.write(`${inert(hideShapes(redact(`${msg}${more}${error instanceof Error ? `\n${error.stack ?? error.message}` : ""}`, secrets)))}\n`);
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
