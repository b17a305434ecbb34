/** What a request says about itself: where it comes from, and by what address Penstock was opened. */
import type { Origin } from "#lib/ctx";
import { type Env, isLoopback, parseEnv } from "#lib/env";

export type HeaderSource = { get(name: string): string | null };

/** Set by our own server (lib/web/server.ts) over whatever a client wrote there. */
export const IP_HEADER = "x-penstock-ip";
export const PATH_HEADER = "x-penstock-path";

export const originOf = (headers: HeaderSource): Origin => ({ ip: headers.get(IP_HEADER), requestId: headers.get("x-request-id"), userAgent: headers.get("user-agent") });

type Address = Pick<Env, "PENSTOCK_URL" | "PENSTOCK_TRUST_PROXY">;

/** Whether the browser came by https: then its cookies are for https alone. */
export function isSecure(headers: HeaderSource, env: Address = parseEnv()): boolean {
  if (env.PENSTOCK_URL) return env.PENSTOCK_URL.startsWith("https:");
  return env.PENSTOCK_TRUST_PROXY && headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https";
}

/** The address that the browser has open, without a path. */
export function publicOrigin(headers: HeaderSource, env: Address = parseEnv()): string {
  if (env.PENSTOCK_URL) return new URL(env.PENSTOCK_URL).origin;
  return `${isSecure(headers, env) ? "https" : "http"}://${headers.get("host") ?? "localhost"}`;
}

/** Whether a program on this machine asks. Behind a proxy that we do not trust to say who asks, nobody can be told to. */
export function isLocalRequest(headers: HeaderSource, env: Address = parseEnv()): boolean {
  return isLoopback(headers.get(IP_HEADER) ?? "") && (env.PENSTOCK_URL === undefined || env.PENSTOCK_TRUST_PROXY);
}

/** Who asks: the other end of the socket, or whom the proxy before us names last. */
export function clientIp(socketAddress: string | undefined, forwardedFor: string | undefined, trustProxy: boolean): string {
  const named = trustProxy ? forwardedFor?.split(",").at(-1)?.trim() : undefined;
  return (named || socketAddress || "unknown").replace(/^::ffff:(?=\d+\.)/, "").slice(0, 64);
}
