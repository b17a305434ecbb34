import { createHash } from "node:crypto";

/** The most of a message that is kept, in bytes. What is beyond it is counted and hashed, so that two long messages still differ. */
export const KEPT_BYTES = 8_000_000;
/** The most of a message that is read as its headers, in bytes. */
export const MAX_HEADER_BYTES = 1_000_000;

const LF = 10;
const CR = 13;
const LINE_ENDS = Buffer.alloc(4096, LF);

/** One message as it came, without the envelope line and the quoting of its archive. */
export type RawMessage = {
  /** From 1, in the order of the source. */
  position: number;
  /** Its beginning, `KEPT_BYTES` at most. */
  raw: Uint8Array;
  /** Length of the header block in `raw`, without the empty line after it; 0 when it has none. */
  headerBytes: number;
  /** Length of all of it. */
  sizeBytes: number;
  /** SHA-256 of all of it with LF line ends and one at its end: archives differ in both, and the message is the same. */
  sha256: Buffer;
  truncated: boolean;
};

/** Takes the bytes of a message piece by piece, and holds `KEPT_BYTES` of them at most. */
export class MessageCollector {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #sizeBytes = 0;
  readonly #hash = createHash("sha256");
  /** A CR at the end of what was hashed: half a line end, perhaps. */
  #hasCr = false;
  /** Line ends that were seen and not hashed yet: the last ones of the message do not count. */
  #lineEnds = 0;
  #tail: number[] = [];

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#sizeBytes += bytes.length;
    const room = KEPT_BYTES - this.#keptBytes;
    if (room > 0) {
      // A copy: the bytes belong to a window that moves on.
      const piece = Buffer.from(bytes.subarray(0, room));
      this.#kept.push(piece);
      this.#keptBytes += piece.length;
    }
    this.#tail = [...this.#tail, ...bytes.subarray(-3)].slice(-3);
    this.#addToHash(withLf(bytes, this.#hasCr));
    this.#hasCr = bytes.at(-1) === CR;
  }

  /** The message, less the empty line that an mbox puts after it when `hasSeparator`. Call once. */
  finish(position: number, hasSeparator: boolean): RawMessage {
    if (this.#hasCr) this.#addToHash(Buffer.from([CR]));
    const separator = hasSeparator ? separatorLength(this.#tail, this.#sizeBytes) : 0;
    const sizeBytes = this.#sizeBytes - separator;
    const kept = Buffer.concat(this.#kept);
    const raw = kept.subarray(0, Math.min(kept.length, sizeBytes));
    this.#hash.update(LINE_ENDS.subarray(0, 1));
    return { position, raw, headerBytes: headerLength(raw), sizeBytes, sha256: this.#hash.digest(), truncated: sizeBytes > raw.length };
  }

  #addToHash(bytes: Buffer): void {
    let length = bytes.length;
    while (length > 0 && bytes[length - 1] === LF) length -= 1;
    if (length > 0) {
      for (; this.#lineEnds > 0; this.#lineEnds -= Math.min(this.#lineEnds, LINE_ENDS.length)) this.#hash.update(LINE_ENDS.subarray(0, this.#lineEnds));
      this.#hash.update(bytes.subarray(0, length));
    }
    this.#lineEnds += bytes.length - length;
  }
}

/** `bytes` with LF for CRLF. A CR at the very end is held back; `hadCr` says that one was held back before. */
function withLf(bytes: Buffer, hadCr: boolean): Buffer {
  if (!hadCr && !bytes.includes(CR)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + 1);
  let length = 0;
  let isHeld = hadCr;
  for (const byte of bytes) {
    if (isHeld && byte !== LF) out[length++] = CR;
    isHeld = byte === CR;
    if (!isHeld) out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Length of the empty line at the end of a message whose last bytes are `tail`. */
function separatorLength(tail: number[], sizeBytes: number): number {
  const [c, b, a] = [tail.at(-1), tail.at(-2), tail.at(-3)];
  if (c !== LF) return 0;
  const isCrlf = b === CR;
  const before = isCrlf ? a : b;
  const length = isCrlf ? 2 : 1;
  return before === LF || sizeBytes === length ? length : 0;
}

/** A line that begins a header: printable characters but no colon or space, then a colon (RFC 5322, 2.2). */
const HEADER_LINE = /^[!-9;-~]{1,200}[ \t]*:/;
/** How many bytes of a line must be there to tell. */
export const HEADER_LINE_BYTES = 210;

export function isHeaderLine(bytes: Buffer, at: number, end: number): boolean {
  return HEADER_LINE.test(bytes.toString("latin1", at, Math.min(end, at + HEADER_LINE_BYTES)));
}

/** Where the header block of `raw` ends: at the first empty line, or with the message, or at `MAX_HEADER_BYTES`. */
function headerLength(raw: Buffer): number {
  if (!isHeaderLine(raw, 0, raw.length)) return 0;
  const within = raw.subarray(0, MAX_HEADER_BYTES);
  const end = emptyLineIn(within);
  return end >= 0 ? end + 1 : within.length;
}

/** Where the line end before the first empty line is, or -1. */
export function emptyLineIn(bytes: Buffer): number {
  const lf = bytes.indexOf("\n\n");
  const crlf = bytes.subarray(0, lf < 0 ? bytes.length : lf + 2).indexOf("\n\r\n");
  return crlf < 0 ? lf : crlf;
}
