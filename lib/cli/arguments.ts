import { parseArgs } from "node:util";
import { AppError, type Fault } from "#lib/errors";
import type { Args, Command, Options } from "./command.ts";
import { didYouMean } from "./suggest.ts";

/**
 * Parses what follows the command's name.
 *
 * `parseArgs` runs without its strictness, because it would refuse `--sort -items`, and its sentences speak of its own
 * configuration; the tokens are judged here instead.
 *
 * @throws AppError INVALID that names every fault at once
 */
export function parseCommandLine(name: string, command: Command, argv: string[]): Args {
  const { options } = command;
  const flags = new Set(Object.entries(options).flatMap(([long, { short }]) => [`--${long}`, ...(short ? [`-${short}`] : [])]));
  const { tokens, values, positionals } = parseArgs({ args: argv, options: nodeOptions(options), strict: false, tokens: true, allowPositionals: true });
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = options[token.name];
    const fault = (message: string) => faults.push({ path: token.rawName, message });
    if (!option) {
      fault(`is no option of ${name}.${didYouMean(token.rawName, [...flags])}`);
      continue;
    }
    if (option.type === "boolean") {
      if (token.value !== undefined) fault("takes no value");
      continue;
    }
    if (token.value === undefined || token.value === "") fault(`wants a value: ${token.rawName} ${option.value ?? "text"}`);
    else if (!token.inlineValue && flags.has(token.value)) fault(`wants a value, and ${token.value} is an option; write ${token.rawName}=${token.value} if you mean it`);
    else if (option.choices && !option.choices.includes(token.value)) fault(`is one of ${option.choices.join(", ")}, not "${token.value}".${didYouMean(token.value, option.choices)}`);
    if (!option.multiple && seen.has(token.name)) fault("may be given once only");
    seen.add(token.name);
  }
  // What follows an unknown option may have been its value.
  if (faults.length === 0) faults.push(...positionalFaults(command, positionals));
  if (faults.length > 0) {
    const lines = faults.map((fault) => (fault.path ? `${fault.path} ${fault.message}` : fault.message));
    throw new AppError("INVALID", `${lines.join("\n")}\n./penstock ${name} --help says how it is used.`, { faults });
  }
  // Strictness is ours: what is left has the types that `options` declares.
  return { values: values as Args["values"], positionals };
}

function positionalFaults(command: Command, positionals: string[]): Fault[] {
  const wanted = command.positionals?.match(/<[^>]+>…?|\[[^\]]+\]…?/g) ?? [];
  const least = wanted.filter((name) => name.startsWith("<")).length;
  const missing = wanted.filter((name) => name.startsWith("<"))[positionals.length];
  if (positionals.length < least && missing) return [{ path: "", message: `${missing.replace("…", "")} is missing` }];
  // `[new <name>]` stands for two.
  const most = wanted.some((name) => name.endsWith("…")) ? Number.POSITIVE_INFINITY : wanted.join(" ").split(" ").filter(Boolean).length;
  if (positionals.length > most) return [{ path: "", message: `"${positionals[most]}" is one argument too many` }];
  return [];
}

/** `parseArgs` wants its own three fields and no others. */
function nodeOptions(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [name, { type, multiple: multiple ?? false, ...(short ? { short } : {}) }]),
  );
}

/**
 * A whole number given as text.
 *
 * @throws AppError INVALID
 */
export function wholeNumber(flag: string, text: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const message = `is a whole number, ${bounds}, not "${text}"`;
  throw new AppError("INVALID", `${flag} ${message}`, { faults: [{ path: flag, message }] });
}

/**
 * A run's id: `1042` or `#1042`.
 *
 * @throws AppError INVALID
 */
export function runId(text: string): number {
  const digits = text.replace(/^#/, "");
  if (/^[1-9]\d{0,15}$/.test(digits) && Number.isSafeInteger(Number(digits))) return Number(digits);
  throw new AppError("INVALID", `"${text}" is no run id: it is a number, such as 1042. ./penstock runs ls shows them.`);
}

/**
 * The number of an error group.
 *
 * @throws AppError INVALID
 */
export function errorGroupId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new AppError("INVALID", `"${text}" is no error group: it is a number, such as 12. ./penstock errors ls shows them.`);
}
