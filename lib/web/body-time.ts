/** Bodies that do not come: nobody waits for them, and what is left of one stands in no later request's way. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";

/** Routes that read JSON refuse a late body themselves; this long after, it is refused for whatever has not, in milliseconds. */
const GRACE_MS = 5_000;

/** Where the body is a file: it takes as long as it takes, and its route sees to it that it keeps coming. */
export const FILE_PATHS = ["/api/v1/pipelines/mail/imports", "/api/v1/pipelines/trading/imports", "/api/v1/pipelines/trading/imports/news"];

/**
 * Calls `refuse` when the body is not there in time and nothing was answered yet. Once answered, the rest of a body that nobody
 * has read is thrown away, or with it unread the next request on its connection would never be seen; one that does not end is cut.
 */
export function limitBodyTime(request: IncomingMessage, response: ServerResponse, refuse: (error: AppError) => void, { limitMs, graceMs }: { limitMs: number; graceMs: number } = { limitMs: LIMITS.bodyMs, graceMs: GRACE_MS }): void {
  const { headers, socket, url = "" } = request;
  if (headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0) return;
  const isFile = FILE_PATHS.includes(url.split("?", 1)[0] ?? "");
  const late = setTimeout(() => {
    if (!isFile && !request.complete && !response.headersSent) refuse(new AppError("TOO_SLOW", `The body was not there within ${limitMs / 1_000} s. Send it faster, or in smaller requests.`));
  }, limitMs + graceMs);
  response.once("close", () => clearTimeout(late));
  response.once("finish", () => {
    if (request.complete) return;
    // Once all of it was there the connection is another request's.
    setTimeout(() => void (request.complete || socket.destroy()), limitMs).unref();
    request.removeAllListeners("data").removeAllListeners("readable").resume();
  });
}
