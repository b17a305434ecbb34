import { AppError } from "#lib/errors";

/** Far more than any request of ours needs, in bytes. */
const MAX_BODY_BYTES = 1_048_576;
/** A filter or a parameter nests a few levels; thousands would exhaust the stack of whatever walks it. */
const MAX_DEPTH = 32;

/**
 * The JSON body of a request; `{}` when there is none. Never holds more than the limit, whatever the request claims.
 *
 * @throws AppError UNSUPPORTED for another content type; INVALID for broken JSON; TOO_LARGE past the limit.
 */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === "") return {};
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    throw new AppError("UNSUPPORTED", `The body must be JSON with Content-Type: application/json, not ${type ? `"${type.slice(0, 100)}"` : "without one"}.`);
  }
  if (depthOf(text) > MAX_DEPTH) throw new AppError("INVALID", `The JSON nests deeper than ${MAX_DEPTH} levels.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("INVALID", `The body is no valid JSON: ${(error as SyntaxError).message}`, { cause: error });
  }
}

/** The same where only an object will do. @throws AppError INVALID also for a list, a text or a number */
export async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body = await readJson(request);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new AppError("INVALID", "The body must be a JSON object.");
  return body as Record<string, unknown>;
}

async function readText(request: Request): Promise<string> {
  const tooLarge = new AppError("TOO_LARGE", `The body is larger than ${MAX_BODY_BYTES / 1024} kB.`);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new AppError("INVALID", "The body is not valid UTF-8.", { cause: error });
  }
}

/** How deep brackets nest outside strings; counted before parsing, in one pass over what may not even be JSON. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i += 1) {
    const char = json[i];
    if (inString) {
      if (char === "\\") i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth -= 1;
  }
  return deepest;
}
