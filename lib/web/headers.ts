import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";

/** A value that nobody can guess, new for every answer: scripts and styles that carry it are ours. 128 bits. */
export const makeNonce = (): string => randomBytes(16).toString("base64");

/**
 * What a page may load and do. Nothing of another host, no script without the nonce, and no frame around it. Scripts
 * that a trusted one loads are trusted (`strict-dynamic`): Next loads the parts of a page that way.
 *
 * @param dev the development server compiles in the browser and tells it by a socket
 */
export function contentPolicy(nonce: string, { dev = false } = {}): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Sent with every answer, whatever it is. `strict` when it travels by https: browsers then never ask by http again. */
export function securityHeaders(policy: string, { strict }: { strict: boolean }): Record<string, string> {
  return {
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(strict && { "Strict-Transport-Security": "max-age=31536000" }),
  };
}

/** A cookie of a session that is taken away, as `setSession(null)` has it written. */
const ENDED_SESSION = /^(__Host-)?penstock=;.*\bmax-age=0\b/i;

/**
 * An answer that ends this browser's session also has the browser forget what it keeps of us: pages to go back to, what is
 * cached, what scripts stored (which colours one likes). Cookies stay but for the session's: they say which columns one sees.
 */
export function clearAtSignOut(response: Pick<ServerResponse, "getHeader" | "setHeader" | "writeHead">): void {
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse;
  response.writeHead = (...given: unknown[]) => {
    const cookies = [response.getHeader("set-cookie") ?? []].flat().map(String);
    if (cookies.some((cookie) => ENDED_SESSION.test(cookie))) response.setHeader("Clear-Site-Data", '"cache", "storage"');
    return writeHead(...given);
  };
}
