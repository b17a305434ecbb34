/** What a worker answers to monitoring: /healthz, /readyz, /metrics, and nothing else. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { checkReadiness, liveness } from "#lib/live/health";
import { watchEventLoop } from "#lib/metrics/process";
import { scrapeWorker } from "#lib/metrics/queries";
import { CONTENT_TYPE } from "#lib/metrics/rules";
import type { WorkerState } from "./main.ts";

export type Probe = { url: string; close(): Promise<void> };
export type ProbeOptions = { host: string; port: number; openDb: () => Db; state: () => WorkerState };

/** @throws AppError CONFLICT when the port cannot be had. */
export async function serveProbe({ host, port, openDb, state }: ProbeOptions): Promise<Probe> {
  watchEventLoop();
  const answers: Record<string, () => Promise<{ status: number; type: string; body: string }>> = {
    "/healthz": async () => json(200, liveness),
    "/readyz": async () => {
      const readiness = await checkReadiness(openDb, state() === "taking units" ? [] : [`The worker is ${state()}: it takes nothing new.`]);
      return json(readiness.status === "ready" ? 200 : 503, readiness);
    },
    "/metrics": async () => ({ status: 200, type: CONTENT_TYPE, body: scrapeWorker() }),
  };
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 }, async (request, response) => {
    const answer = request.method === "GET" || request.method === "HEAD" ? answers[request.url?.split("?", 1)[0] ?? ""] : undefined;
    const { status, type, body } = answer ? await answer() : json(404, { error: "Here are /healthz, /readyz and /metrics." });
    response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" }).end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(new AppError("CONFLICT", `PENSTOCK_METRICS_PORT ${port} on ${host} cannot be used (${error.code}). Set it to another one.`, { cause: error })));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

const json = (status: number, body: object) => ({ status, type: "application/json", body: JSON.stringify(body) });
