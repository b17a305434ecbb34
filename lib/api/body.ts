import { AppError } from "#lib/errors";
import { parseJson } from "#lib/api/json";
import { LIMITS } from "#lib/limits";

/**
 * The JSON body of a request; `{}` when there is none. Never holds more than the limit, whatever the request claims.
 *
 * @throws AppError UNSUPPORTED for another content type; INVALID for what is not plain JSON; TOO_LARGE past the limit; TOO_SLOW when it does not come.
 */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === "") return {};
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    throw new AppError("UNSUPPORTED", `The body must be JSON with Content-Type: application/json, not ${type ? `"${type.slice(0, 100)}"` : "without one"}.`);
  }
  return parseJson(text);
}

/** The same where only an object will do. @throws AppError INVALID also for a list, a text or a number */
export async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body = await readJson(request);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new AppError("INVALID", "The body must be a JSON object.");
  return body as Record<string, unknown>;
}

/** @param limitMs until the last byte */
export async function readText(request: Request, limitMs: number = LIMITS.bodyMs): Promise<string> {
  const tooLarge = new AppError("TOO_LARGE", `The body is larger than ${LIMITS.bodyBytes / 1024} kB.`);
  if (Number(request.headers.get("content-length") ?? 0) > LIMITS.bodyBytes) throw tooLarge;
  if (!request.body) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, limitMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw new AppError("TOO_SLOW", `The body was not there within ${limitMs / 1_000} s. Send it faster, or in smaller requests.`);
      if (done) break;
      size += value.byteLength;
      if (size > LIMITS.bodyBytes) throw tooLarge;
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new AppError("INVALID", "The body is not valid UTF-8.", { cause: error });
  }
}

/**
 * The body of a request piece by piece, for files: it may take as long as it likes, but not stop coming.
 *
 * @throws AppError TOO_SLOW
 */
export async function* readChunks(body: ReadableStream<Uint8Array>, idleMs: number = LIMITS.fileIdleMs): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new AppError("TOO_SLOW", `Nothing more of the file came for ${idleMs / 1_000} s. Send it again: what is here already is not taken twice.`)), idleMs);
      });
      const { done, value } = await Promise.race([reader.read(), late]).finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    // Let go, not cancelled: that would cut the connection, and with it the answer that says what is wrong with the file.
    reader.releaseLock();
  }
}
