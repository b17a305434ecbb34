import { randomBytes } from "node:crypto";

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
