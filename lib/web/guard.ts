import type { IncomingMessage } from "node:http";
import { methodsAt } from "#lib/api/methods";
import { crossSiteFault } from "#lib/api/origin";
import { isLoopback } from "#lib/env";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** `allow`: the methods that the address takes, for a 405. */
export type Refusal = { status: number; error: AppError; allow?: string };

/**
 * Why a request must not reach the pages, or null. Pages and routes check what is theirs besides.
 *
 * @param publicHost by which a proxy on this machine passes requests on: that of PENSTOCK_URL
 */
export function refuse(request: Pick<IncomingMessage, "method" | "url" | "headers">, host: string, publicHost?: string): Refusal | null {
  const { method = "", url = "", headers } = request;
  if (!METHODS.has(method)) return no(405, "INVALID", `The method ${method} is not used here.`);
  if (url.length > LIMITS.urlBytes) return no(414, "TOO_LARGE", "The address is too long. Send a long filter to POST /api/v1/runs/search.");
  const path = decodePath(url);
  if (path === null) return { status: 400, error: new AppError("INVALID", "The address is not valid: its path must be UTF-8, percent-encoded.", { faults: [{ path: "address", message: "is not encoded well" }] }) };
  if (/^\/+_next\/+image(\/|$)/i.test(path)) return no(404, "NOT_FOUND", "Nothing is here.");
  if ((publicHost === undefined || headers.host?.toLowerCase() !== publicHost) && !isHostAllowed(headers.host, host)) {
    return no(421, "FORBIDDEN", `This server answers to localhost only, not to "${headers.host ?? ""}". Open it by that name, or set PENSTOCK_URL to the address that people open.`);
  }
  const allowed = methodsAt(path);
  if (allowed && !allowed.includes(method)) {
    return { ...no(405, "INVALID", `${path.slice(0, 200)} does not take ${method}: it takes ${allowed.join(", ")}.`), allow: allowed.join(", ") };
  }
  const coding = headerOf(headers["content-encoding"]);
  if (coding && coding.toLowerCase() !== "identity") return no(415, "INVALID", `The body is coded as "${coding.slice(0, 40)}". Send it as it is, without Content-Encoding.`);
  const form = READING.has(method) || /^\/+api(\/|$)/i.test(path) ? null : formFault(headers);
  if (form) return form;
  const fault = crossSiteFault(method, (name) => headerOf(headers[name]));
  return fault ? { status: fault.status, error: fault.error } : null;
}

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** What is sent to a page is a form of ours and says how long it is: Next would fail on a larger one in the middle, in words of its own. */
function formFault(headers: IncomingMessage["headers"]): Refusal | null {
  if (headers["transfer-encoding"]) return no(411, "INVALID", "Say how long the body is, by Content-Length.");
  return Number(headers["content-length"] ?? 0) > LIMITS.bodyBytes ? no(413, "TOO_LARGE", `What is sent to a page may have ${LIMITS.bodyBytes / 1_024} kB. Send files to the API.`) : null;
}

const no = (status: number, code: AppError["code"], message: string): Refusal => ({ status, error: new AppError(code, message) });

function decodePath(url: string): string | null {
  if (!url.startsWith("/")) return null;
  try {
    return decodeURIComponent(url.split("?", 1)[0] ?? "");
  } catch {
    return null;
  }
}

/**
 * Bound to loopback, only the machine's own names are answered to: a page elsewhere that lets its name point at
 * 127.0.0.1 (DNS rebinding) would otherwise be the same origin as ours.
 */
function isHostAllowed(header: string | undefined, boundTo: string): boolean {
  if (!isLoopback(boundTo)) return true;
  const name = header?.toLowerCase().replace(/:\d{1,5}$/, "") ?? "";
  return isLoopback(name) || name.endsWith(".localhost") || name === boundTo.toLowerCase();
}

const headerOf = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? (value[0] ?? null) : (value ?? null));
