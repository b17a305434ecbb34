import "server-only";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { problemOf } from "#lib/api/problem";
import { clientIp, IP_HEADER, PATH_HEADER } from "#lib/auth/request";
import { isLoopback, parseEnv } from "#lib/env";
import { LIMITS } from "#lib/limits";
import { ROOT } from "#lib/root";
import { watchEventLoop } from "#lib/metrics/process";
import { addressOf, choosePort, portError } from "#lib/port";
import { limitBodyTime } from "#lib/web/body-time";
import { closeServer } from "#lib/web/closing";
import { refuse } from "#lib/web/guard";
import { clearAtSignOut, contentPolicy, makeNonce, securityHeaders } from "#lib/web/headers";
import { limitRates, rateHeaders, type Taken, tooFast } from "#lib/web/rate";
import { readRoutes, timeRequest } from "#lib/web/request-times";

export type WebServer = { url: string; close(): Promise<void> };
/** `port` undefined: the next free one from 3000 on; 0: any. `load`: what stands behind the door, Next with the pages unless said. */
export type ServeOptions = { host: string; port?: number; dev: boolean; load?: (at: PagesAt) => Promise<Pages> };

/**
 * Serves pages and API from this process. Listens first and then loads Next, whose requests wait until it is ready.
 *
 * @throws AppError CONFLICT when the port that was asked for is taken.
 */
export async function serveWeb({ host, port, dev, load = loadPages }: ServeOptions): Promise<WebServer> {
  const { promise: pages, resolve, reject } = Promise.withResolvers<Pages>();
  // Whoever waits for it hears of the failure; nobody waiting is no reason to end the process.
  pages.catch(() => {});
  const server = createServer({ maxHeaderSize: LIMITS.headerBytes, headersTimeout: LIMITS.headersMs, requestTimeout: LIMITS.requestMs, keepAliveTimeout: 65_000 });
  const { PENSTOCK_TRUST_PROXY: trustProxy, PENSTOCK_URL } = parseEnv();
  const publicHost = PENSTOCK_URL && new URL(PENSTOCK_URL).host;
  const routeOf = dev ? () => "unknown" : readRoutes();
  const takeRate = limitRates(parseEnv().PENSTOCK_RATE_LIMIT);
  watchEventLoop();
  server.on("request", (request, response) => {
    timeRequest(request, response, routeOf);
    void answer(request, response, { host, publicHost, isHttps: PENSTOCK_URL?.startsWith("https:") ?? false, dev, pages, trustProxy, takeRate });
  });
  server.on("upgrade", (request, socket, head) => {
    // Only the development server has a use for it: reloading what changed.
    if (dev && isLoopback(host)) void pages.then((app) => app.upgrade(request, socket, head), () => socket.destroy());
    else socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  const bound = await listen(server, host, port);
  try {
    resolve(await load({ hostname: host, port: bound, dev, server }));
  } catch (error) {
    reject(error);
    await closeServer(server);
    throw error;
  }
  return {
    url: addressOf(host, bound),
    close: async () => {
      await closeServer(server);
      await (await pages).close();
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export type Pages = { handle: Handler; upgrade: (request: IncomingMessage, socket: import("node:stream").Duplex, head: Buffer) => Promise<void>; close(): Promise<void> };

type PagesAt = { hostname: string; port: number; dev: boolean; server: Server };

async function loadPages({ hostname, port, dev, server }: PagesAt): Promise<Pages> {
  // React decides by this, once, when it is loaded.
  Object.assign(process.env, { NODE_ENV: dev ? "development" : "production", NEXT_TELEMETRY_DISABLED: "1" });
  const { default: next } = await import("next");
  const app = next({ dev, dir: ROOT, hostname, port, httpServer: dev ? server : undefined });
  await app.prepare();
  return { handle: app.getRequestHandler(), upgrade: app.getUpgradeHandler(), close: () => app.close() };
}

type Serving = { host: string; publicHost: string | undefined; isHttps: boolean; dev: boolean; pages: Promise<Pages>; trustProxy: boolean; takeRate: ReturnType<typeof limitRates> };

async function answer(request: IncomingMessage, response: ServerResponse, { host, publicHost, isHttps, dev, pages, trustProxy, takeRate }: Serving): Promise<void> {
  const given = request.headers["x-request-id"];
  const requestId = typeof given === "string" && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
  response.setHeader("X-Request-Id", requestId);
  const nonce = makeNonce();
  const policy = contentPolicy(nonce, { dev });
  setHeaders(response, securityHeaders(policy, { strict: isHttps || (trustProxy && request.headers["x-forwarded-proto"] === "https") }));
  clearAtSignOut(response);
  let isLate = false;
  limitBodyTime(request, response, (error) => {
    isLate = true;
    sendProblem(response, 408, problemOf(error).body);
  });
  try {
    const ip = clientIp(request.socket.remoteAddress, forwardedFor(request), trustProxy);
    const rate = takeRate(request, ip);
    if (rate) setHeaders(response, rateHeaders(rate));
    if (rate && rate.waitMs > 0) throw tooFast(rate);
    const refusal = refuse(request, host, publicHost);
    if (refusal?.allow) response.setHeader("Allow", refusal.allow);
    if (refusal) return sendProblem(response, refusal.status, problemOf(refusal.error, refusal.status).body);
    request.headers["x-request-id"] = requestId;
    request.headers[IP_HEADER] = ip;
    request.headers[PATH_HEADER] = (request.url ?? "/").replace(/([?&])_rsc=[^&]*&?/, "$1").replace(/[?&]$/, "");
    // Next puts the nonce that it finds in this header on its own scripts; the layout takes the other.
    request.headers["content-security-policy"] = policy;
    request.headers["x-nonce"] = nonce;
    delete request.headers["content-security-policy-report-only"];
    // A client may write these; Next would believe them.
    delete request.headers["x-forwarded-host"];
    delete request.headers["x-middleware-subrequest"];
    const { handle } = await pages;
    await handle(request, response);
  } catch (error) {
    // Whatever waited for the body finds the answer given.
    if (isLate) return;
    const { status, body } = problemOf(error);
    if (!response.headersSent) sendProblem(response, status, body);
    else response.destroy();
  }
}

const forwardedFor = ({ headers: { "x-forwarded-for": value } }: IncomingMessage): string | undefined => (Array.isArray(value) ? value.join(",") : value);

function setHeaders(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function sendProblem(response: ServerResponse, status: number, body: string): void {
  // What is left of the request is not read, so the connection cannot be used again.
  response.writeHead(status, { "Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Connection: "close" });
  response.end(body);
}

async function listen(server: Server, host: string, wanted: number | undefined): Promise<number> {
  const port = wanted ?? (await choosePort(host, undefined));
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(portError(error, host, port));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
