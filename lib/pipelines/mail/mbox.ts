/**
 * Splits an archive into its messages, in memory that does not depend on the archive.
 * Reads mboxo, mboxrd, mboxcl and mboxcl2 (J. Levine et al., RFC 4155; qmail's mbox(5)), LF or CRLF, and a single message.
 */
import { ByteWindow } from "./byte-window.ts";
import { emptyLineIn, HEADER_LINE_BYTES, isHeaderLine, KEPT_BYTES, MessageCollector, type RawMessage } from "./raw-message.ts";

const LF = 10;
const CR = 13;
const QUOTE = 0x3e;
/** The longest envelope line, and the most ">" before a quoted one, that are taken for such. */
const MAX_FROM_LINE = 1024;
const MAX_QUOTES = 64;
/** What must be visible past a line's beginning to know what it is. */
const LOOK_AHEAD = MAX_QUOTES + MAX_FROM_LINE + HEADER_LINE_BYTES + 16;
/** How far into a message its Content-Length is looked for. */
const CONTENT_LENGTH_WITHIN = 65_536;
/** How much is taken from the source at a time, at least. */
const BLOCK = 262_144;

const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*";
/**
 * "From ", then a sender, a dash or nothing, then a date: by its shape one tells it from a sentence that begins with "From".
 * Asctime as RFC 4155 has it, and with the zone in the middle as Gmail writes it; RFC 5322 dates; ISO dates.
 */
const FROM_LINE = new RegExp(
  `^From (?:.*?[ \\t])?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?[ \\t]+(?:${MONTH}[ \\t]+\\d{1,2}|\\d{1,2}[ \\t-]+${MONTH})\\b.*\\d{2}|\\d{1,2}[ \\t-]+${MONTH}[ \\t-]+\\d{2,4}\\b|\\d{4}-\\d{2}-\\d{2}(?!\\d))`,
);

/** An envelope line without a date, as some exporters write it: it needs an empty line before it and a header after it. */
const UNDATED_FROM_LINE = /^From [^\s@]+@[^\s@]+[ \t]*$/;

export const isUndatedFromLine = (line: string): boolean => UNDATED_FROM_LINE.test(line);

/** Whether `line` (without its line end) is the envelope line of an mbox. */
export function isFromLine(line: string): boolean {
  return line.length <= MAX_FROM_LINE && FROM_LINE.test(line);
}

/**
 * The messages of `chunks` in order. An archive that does not begin with an envelope line is one message.
 * `>From ` loses one ">" in an mbox, and in nothing else.
 */
export async function* splitMbox(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawMessage> {
  const window = new ByteWindow(chunks);
  try {
    await skipBlank(window);
    if (window.length === 0) return;
    const first = fromLineAt(window, window.start, true);
    if (first === 0) {
      yield await readWhole(window);
      return;
    }
    window.consume(first);
    for (let position = 1; ; position += 1) {
      const message = new MessageCollector();
      const length = await trustedLength(window);
      const fromLine = length === null ? await readUntilFromLine(window, message) : await readLength(window, message, length);
      yield message.finish(position, length === null);
      if (fromLine === 0) return;
      window.consume(fromLine);
    }
  } finally {
    await window.close();
  }
}

/** Goes past a byte order mark and empty lines. */
async function skipBlank(window: ByteWindow): Promise<void> {
  await window.ensure(LOOK_AHEAD);
  if (window.bytes.subarray(window.start, window.start + 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) window.consume(3);
  for (;;) {
    await window.ensure(LOOK_AHEAD);
    const byte = window.bytes[window.start];
    if (window.length === 0 || (byte !== LF && byte !== CR)) return;
    window.consume(1);
  }
}

async function readWhole(window: ByteWindow): Promise<RawMessage> {
  const message = new MessageCollector();
  for (; window.length > 0; await window.ensure(BLOCK)) {
    message.add(window.bytes.subarray(window.start, window.end));
    window.consume(window.length);
  }
  return message.finish(1, false);
}

/**
 * Consumes a message up to the next envelope line, and returns that line's length, which is still to be consumed;
 * 0 at the end of the archive.
 */
async function readUntilFromLine(window: ByteWindow, message: MessageCollector): Promise<number> {
  let isFirst = true;
  let isLineStart = true;
  for (;;) {
    await window.ensure(BLOCK);
    if (window.length === 0) return 0;
    const { end, isNewLine } = blockEnd(window, window.end);
    let from = window.start;
    for (const { lineStart, quotes } of fromsIn(window, end, isLineStart)) {
      if (quotes > 0) {
        message.add(window.bytes.subarray(from, lineStart));
        from = lineStart + 1;
        continue;
      }
      const isAfterBlank = (isFirst && lineStart === window.start) || isBlankBefore(window.bytes, lineStart);
      const length = fromLineAt(window, lineStart, isAfterBlank);
      if (length === 0) continue;
      message.add(window.bytes.subarray(from, lineStart));
      window.consume(lineStart - window.start);
      return length;
    }
    message.add(window.bytes.subarray(from, end));
    window.consume(end - window.start);
    isLineStart = isNewLine;
    isFirst = false;
  }
}

/** Consumes a message of a length that is known, and the empty lines after it; returns as `readUntilFromLine` does. */
async function readLength(window: ByteWindow, message: MessageCollector, length: number): Promise<number> {
  await window.ensure(length + LOOK_AHEAD);
  const end = window.start + length;
  let from = window.start;
  for (const { lineStart, quotes } of fromsIn(window, end, true)) {
    if (quotes === 0) continue;
    message.add(window.bytes.subarray(from, lineStart));
    from = lineStart + 1;
  }
  message.add(window.bytes.subarray(from, end));
  window.consume(length);
  window.consume(blankLength(window.bytes, window.start, window.end));
  return window.length === 0 ? 0 : fromLineAt(window, window.start, true);
}

/** Up to where the window may be read now: a line's beginning, if there is one, past which enough is visible. */
function blockEnd(window: ByteWindow, visible: number): { end: number; isNewLine: boolean } {
  if (window.isAtEnd) return { end: visible, isNewLine: true };
  const safe = visible - LOOK_AHEAD;
  const lineEnd = window.bytes.lastIndexOf(LF, safe - 1);
  return lineEnd >= window.start ? { end: lineEnd + 1, isNewLine: true } : { end: safe, isNewLine: false };
}

/** Lines before `end` that begin with "From ", with up to `MAX_QUOTES` ">" before it. */
function* fromsIn(window: ByteWindow, end: number, isLineStart: boolean): Generator<{ lineStart: number; quotes: number }> {
  const { bytes, start } = window;
  // A line may begin before `end` and say "From " past it.
  const visible = bytes.subarray(0, Math.min(window.end, end + MAX_QUOTES + 5));
  for (let at = visible.indexOf("From ", start); at >= 0; at = visible.indexOf("From ", at + 5)) {
    let lineStart = at;
    while (lineStart > start && at - lineStart < MAX_QUOTES && bytes[lineStart - 1] === QUOTE) lineStart -= 1;
    if (lineStart >= end) return;
    if (lineStart === start ? isLineStart : bytes[lineStart - 1] === LF) yield { lineStart, quotes: at - lineStart };
  }
}

/** Length of the envelope line at `at` with its line end, 0 when it is none. Without an empty line before it, a header must follow. */
function fromLineAt(window: ByteWindow, at: number, isAfterBlank: boolean): number {
  const { bytes } = window;
  const limit = Math.min(window.end, at + MAX_FROM_LINE);
  const found = bytes.subarray(0, limit).indexOf(LF, at);
  if (found < 0 && !(window.isAtEnd && limit === window.end)) return 0;
  const lineEnd = found < 0 ? limit : found;
  const next = found < 0 ? lineEnd : lineEnd + 1;
  const line = bytes.toString("latin1", at, bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd);
  const isBeforeHeader = isHeaderLine(bytes, next, window.end);
  if (isFromLine(line)) return isAfterBlank || isBeforeHeader ? next - at : 0;
  return isAfterBlank && isBeforeHeader && isUndatedFromLine(line) ? next - at : 0;
}

/** Whether the line before `at` is empty. */
function isBlankBefore(bytes: Buffer, at: number): boolean {
  const before = bytes[at - 2] === CR ? bytes[at - 3] : bytes[at - 2];
  return bytes[at - 1] === LF && before === LF;
}

/** Length of up to two line ends at `at`: that of the last line, and the empty one after it. */
function blankLength(bytes: Buffer, at: number, end: number): number {
  let next = at;
  for (let lines = 0; lines < 2; lines += 1) {
    if (next < end && bytes[next] === LF) next += 1;
    else if (next + 1 < end && bytes[next] === CR && bytes[next + 1] === LF) next += 2;
  }
  return next - at;
}

const CONTENT_LENGTH = /^content-length[ \t]*:[ \t]*(\d{1,10})[ \t]*\r?$/im;

/**
 * Length of the message that begins here as its Content-Length has it, or null.
 * Mail programs leave that header stale, so it counts only where the next message, or the end, really follows.
 */
async function trustedLength(window: ByteWindow): Promise<number | null> {
  await window.ensure(CONTENT_LENGTH_WITHIN);
  const head = window.bytes.subarray(window.start, Math.min(window.end, window.start + CONTENT_LENGTH_WITHIN));
  const headerEnd = emptyLineIn(head);
  if (headerEnd < 0) return null;
  const bodyStart = headerEnd + (head[headerEnd + 1] === CR ? 3 : 2);
  const headers = head.toString("latin1", 0, headerEnd);
  const stated = CONTENT_LENGTH.exec(headers)?.[1];
  if (stated === undefined || Number(stated) > KEPT_BYTES) return null;
  // An envelope line among the headers: this message has no body, and what was found is another's.
  if (headers.split("\n").some(isFromLine)) return null;
  const length = bodyStart + Number(stated);
  await window.ensure(length + LOOK_AHEAD);
  if (window.length < length) return null;
  const next = window.start + length;
  const after = next + blankLength(window.bytes, next, window.end);
  const isAtLineStart = after > next || window.bytes[next - 1] === LF;
  if (after === window.end && window.isAtEnd) return length;
  return isAtLineStart && fromLineAt(window, after, true) > 0 ? length : null;
}
