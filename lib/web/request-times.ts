import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { timeMetric } from "#lib/metrics/recorder";
import { ROOT } from "#lib/root";

const Manifest = z.object({ staticRoutes: z.array(z.object({ page: z.string() })), dynamicRoutes: z.array(z.object({ page: z.string(), regex: z.string() })) });

/** The routes of the build, so that a label is one of them and never what somebody typed. */
export function readRoutes(): (path: string) => string {
  let routes: z.infer<typeof Manifest>;
  try {
    routes = Manifest.parse(JSON.parse(readFileSync(join(ROOT, ".next/routes-manifest.json"), "utf8")));
  } catch {
    // Served from the sources there is no build to read.
    return () => "unknown";
  }
  const known = new Set(routes.staticRoutes.map(({ page }) => page));
  const patterns = routes.dynamicRoutes.map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  return (path) => {
    if (path.startsWith("/_next/")) return "/_next";
    if (known.has(path)) return path;
    return patterns.find(({ regex }) => regex.test(path))?.page ?? "other";
  };
}

/** Times the request until its answer is out. Live streams are open for hours and say nothing about speed. */
export function timeRequest(request: IncomingMessage, response: ServerResponse, routeOf: (path: string) => string): void {
  const startedAt = performance.now();
  response.once("close", () => {
    if (String(response.getHeader("content-type") ?? "").startsWith("text/event-stream")) return;
    const route = routeOf(request.url?.split("?", 1)[0] ?? "");
    const method = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(request.method ?? "") ? (request.method ?? "") : "other";
    timeMetric("app_http_request_duration_seconds", { route, method, code: String(response.statusCode) }, (performance.now() - startedAt) / 1_000);
  });
}
