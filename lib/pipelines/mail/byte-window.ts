/** Bytes kept before `start`, so that one can look back across what was consumed. */
const HISTORY = 8;

/**
 * A sliding view of a stream of bytes: look ahead as far as asked for, consume from the front.
 * It holds what is looked at and not more; every byte is moved a bounded number of times, however far one looks.
 */
export class ByteWindow {
  /** The bytes; `start` to `end` are those not consumed yet. Valid until the next `ensure`. */
  bytes: Buffer = Buffer.allocUnsafe(1 << 16);
  start = HISTORY;
  end = HISTORY;
  /** No more bytes will come. */
  isAtEnd = false;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Makes at least `count` bytes visible, or all that are left. */
  async ensure(count: number): Promise<void> {
    while (this.length < count && !this.isAtEnd) {
      const { done, value } = await this.#chunks.next();
      if (done) this.isAtEnd = true;
      else if (value.length > 0) this.#push(value);
    }
  }

  consume(count: number): void {
    this.start += count;
  }

  /** Lets go of the source, when the caller stops before the end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #push(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) {
      const needed = HISTORY + this.length + chunk.length;
      // Twice what is needed, so that half a buffer is consumed before the rest is moved again.
      const target = needed * 2 > this.bytes.length ? Buffer.allocUnsafe(needed * 2) : this.bytes;
      this.bytes.copy(target, 0, this.start - HISTORY, this.end);
      this.end -= this.start - HISTORY;
      this.start = HISTORY;
      this.bytes = target;
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }
}
