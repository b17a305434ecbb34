/** Lines out of a stream of bytes, however it is cut: bounded in length, whatever a program writes. */
import type { Readable } from "node:stream";

/** The longest line that is kept whole, in bytes: a step with its input and output is one line. */
export const MAX_LINE_BYTES = 1_048_576;

export type Line = { bytes: Buffer; /** It was longer, and this is its beginning. */ isCut: boolean };

const NEWLINE = 0x0a;
/** Room for a line that goes over the edge of a piece; doubled as it needs more. */
const FIRST_BYTES = 1_024;

/** The lines that each piece of the stream completes; the last needs no newline. Reads on only when asked. */
export async function* readLines(stream: Readable, maxBytes = MAX_LINE_BYTES): AsyncGenerator<Line[]> {
  let held = Buffer.allocUnsafe(FIRST_BYTES);
  let heldBytes = 0;
  let isCut = false;
  const hold = (piece: Buffer) => {
    const kept = Math.min(piece.length, maxBytes - heldBytes);
    if (kept < piece.length) isCut = true;
    if (heldBytes + kept > held.length) {
      const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(2 * held.length, heldBytes + kept)));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    heldBytes += piece.copy(held, heldBytes, 0, kept);
  };
  const take = (): Line => {
    const line = { bytes: held.subarray(0, heldBytes), isCut };
    held = Buffer.allocUnsafe(FIRST_BYTES);
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
