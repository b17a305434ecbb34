/** The routes under `app/api` behind a server on loopback, as far as programs see them: no pages, no proxy. */
import { existsSync, readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ROOT } from "#lib/root";

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;
type Found = { file: string; params: Record<string, string> };

/** Serves the database of DATABASE_URL. @returns its address, and how to end it */
export async function serveApi(): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(answerApi);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))) };
}

/** Answers one request with its route's handler. */
export async function answerApi(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const response = await answer(incoming).catch((error) => new Response(String(error), { status: 500 }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) Readable.fromWeb(response.body as never).on("error", () => outgoing.destroy()).pipe(outgoing);
  else outgoing.end();
}

async function answer(incoming: IncomingMessage): Promise<Response> {
  const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
  const found = find(join(ROOT, "app"), url.pathname.split("/").filter(Boolean).map(decodeURIComponent));
  if (!found) return new Response("No such route", { status: 404 });
  const handlers = (await import(/* @vite-ignore */ found.file)) as Record<string, Handler>;
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(url, { method, headers: incoming.headers as Record<string, string>, ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }) } as RequestInit);
  return handlers[method]?.(request, { params: Promise.resolve(found.params) }) ?? new Response(null, { status: 405 });
}

/** The route file of a path: a folder of that name before one that takes any. */
function find(folder: string, parts: string[], params: Record<string, string> = {}): Found | null {
  const [part, ...rest] = parts;
  if (part === undefined) return existsSync(join(folder, "route.ts")) ? { file: join(folder, "route.ts"), params } : null;
  const literal = existsSync(join(folder, part)) ? find(join(folder, part), rest, params) : null;
  if (literal) return literal;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const param = /^\[(\w+)\]$/.exec(name)?.[1];
    const found = param && find(join(folder, name), rest, { ...params, [param]: part });
    if (found) return found;
  }
  return null;
}
