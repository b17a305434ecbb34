/** Lines out of a stream of bytes, however it is cut: bounded in length, whatever a program writes. */
import type { Readable } from "node:stream";

/** The longest line that is kept whole, in bytes: a step with its input and output is one line. */
export const MAX_LINE_BYTES = 1_048_576;

export type Line = { bytes: Buffer; /** It was longer, and this is its beginning. */ isCut: boolean };

const NEWLINE = 0x0a;

/** The lines that each piece of the stream completes; the last needs no newline. Reads on only when asked. */
export async function* readLines(stream: Readable, maxBytes = MAX_LINE_BYTES): AsyncGenerator<Line[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isCut = false;
  const hold = (piece: Buffer) => {
    const room = maxBytes - heldBytes;
    if (piece.length > room) isCut = true;
    const kept = piece.subarray(0, Math.max(0, room));
    // Copied: a piece of the stream must not be kept in memory for a few bytes of it.
    if (kept.length > 0) held.push(Buffer.from(kept));
    heldBytes += kept.length;
  };
  const take = (): Line => {
    const line = { bytes: held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held), isCut };
    held = [];
    heldBytes = 0;
    isCut = false;
    return line;
  };

  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        if (heldBytes === 0 && !isCut && piece.length <= maxBytes) lines.push({ bytes: piece, isCut: false });
        else {
          hold(piece);
          lines.push(take());
        }
        start = end + 1;
      }
      if (start < chunk.length) hold(chunk.subarray(start));
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    // We have let go of the stream ourselves: what had come is all there is.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
  if (heldBytes > 0 || isCut) yield [take()];
}
