/** When two failures are the same, and what a group's life obeys: pure, isomorphic. */
import { ErrorGroupStatus } from "#lib/db/generated/enums";

export { ErrorGroupStatus };
export const ERROR_GROUP_STATUSES = Object.values(ErrorGroupStatus);

/** What is read of a message, in characters: past it no reason stands, and a megabyte must cost nothing. */
const READ_MAX = 4_000;
/** What is kept of a message, in characters. */
export const SAMPLE_MAX = 3_000;
/** A normalised message tells groups apart; more words than this do not tell them better apart. */
export const NORMALISED_MAX = 500;
const STEP_MAX = 100;

/** What says which error it is rather than which case of it stays as it is. */
const KEPT = "";

/**
 * What differs from one failure to the next, each with the word that stands for it. In this order: a URL holds paths,
 * a path holds numbers. No pattern can run longer than the text is, squared at worst, and the text is short.
 */
const PARTICULARS: readonly [RegExp, string][] = [
  [/(?<=\b(?:status|code|HTTP(?:\/\d(?:\.\d)?)?|errno) ?[:=]? ?)\d{1,3}\b|\bHTTP\/\d(?:\.\d)?|(?<=\()[45]\d\d(?=\))|(?<=\bSQLSTATE ?[:=]? ?)\w{5}\b/iu, KEPT],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>`)\]]+/iu, "<url>"],
  [/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/u, "<email>"],
  [/"(?:[^"\\\n]|\\.){0,1000}(?:"|$)|“[^”\n]{0,1000}(?:”|$)|«[^»\n]{0,1000}(?:»|$)|`[^`\n]{0,1000}(?:`|$)/u, "<text>"],
  [/(?<![\p{L}\p{N}])'[^'\n]{0,1000}'(?![\p{L}\p{N}])|‘[^’\n]{0,1000}’/u, "<text>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/iu, "<id>"],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?/u, "<time>"],
  [/\b[A-Za-z]:\\[^\s"'<>|]+|(?<![\p{L}\p{N}<>])(?:~|\.{1,2})?\/(?:[^\s"'<>:,;()]+)/u, "<path>"],
  [/\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/iu, "<id>"],
  [/(?<![^\s=:,;([{<#])(?=\S*\d)[\p{L}\p{N}_+/=-]{20,}/u, "<id>"],
  [/\b(?=\w*\d[a-z_]+\d)\w{8,}\b/iu, "<id>"],
  [/\S{80,}/u, "<id>"],
  [/\p{Nd}+(?:[.,]\p{Nd}+)*/u, "<n>"],
];

const ANY_PARTICULAR = new RegExp(PARTICULARS.map(([{ source }]) => `(${source})`).join("|"), "giu");

/**
 * The message without what is particular: numbers, ids, addresses, paths, quoted words, times. Two failures of the
 * same kind read the same. At most `NORMALISED_MAX` characters, on one line, well-formed; never throws.
 * A stack below the message is no part of it.
 */
export function normaliseMessage(message: string): string {
  const text = message.slice(0, READ_MAX).toWellFormed().split(/\n\s+at /u, 1)[0] ?? "";
  return cut(oneLine(text.replace(ANY_PARTICULAR, (match, ...groups: (string | undefined)[]) => {
    const which = groups.findIndex((group) => group !== undefined);
    const word = PARTICULARS[which]?.[1];
    return word || match;
  })), NORMALISED_MAX);
}

/** A step's name without the domain, the ids or the numbers that it is about: `classify example.com` is `classify <name>`. */
export function normaliseStep(name: string): string {
  const HOST = /(?<![\p{L}\p{N}])[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63}){1,8}/gu;
  return cut(normaliseMessage(name.slice(0, 400).replace(HOST, "<name>")), STEP_MAX);
}

/** The beginning of a well-formed text, which does not end in half a character. */
const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, "");

/** Control characters and runs of white space are one space. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

/** One failure, or several alike, as the engine met them. */
export type Failure = {
  /** The recorded step in which it happened, by its full name; null outside any. */
  step: string | null;
  stepSeq: number | null;
  errorClass: string;
  message: string;
  count: number;
};

/** Different errors kept for one unit; the rest is counted under one name, so that a unit with a million items stays small. */
export const MAX_KINDS_PER_UNIT = 20;
const OTHERS = { step: null, stepSeq: null, errorClass: "OtherErrors", message: `Other errors of a unit that failed in more than ${MAX_KINDS_PER_UNIT} different ways` };

/** Failures of one unit, alike ones added up as they come. Bounded, whatever comes. */
export class FailureTally {
  readonly #kinds = new Map<string, Failure>();
  #others = 0;

  add(failure: Omit<Failure, "count">): void {
    const key = JSON.stringify([failure.step && normaliseStep(failure.step), failure.errorClass, normaliseMessage(failure.message)]);
    const known = this.#kinds.get(key);
    if (known) known.count += 1;
    else if (this.#kinds.size < MAX_KINDS_PER_UNIT) this.#kinds.set(key, { ...failure, message: failure.message.slice(0, READ_MAX), count: 1 });
    else this.#others += 1;
  }

  list(): Failure[] {
    return [...this.#kinds.values(), ...(this.#others > 0 ? [{ ...OTHERS, count: this.#others }] : [])];
  }
}

/** A group that a person had resolved and that came back by itself. */
export const isRegression = (group: { status: ErrorGroupStatus; reopenedAt: Date | null; reopenedBy: string | null }): boolean =>
  group.status === "open" && group.reopenedAt !== null && group.reopenedBy === null;
