/** Route handlers called as functions, by the path that they are declared under. */
import { join } from "node:path";
import type { Operation } from "#lib/api/operations/operation";
import { ROOT } from "#lib/root";

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Response | Promise<Response>;

/** Asks the handler of an operation. `path` is the address from its root, encoded as it would be sent. */
export async function callHandler({ method, path: declared }: Pick<Operation, "method" | "path">, path: string, init: RequestInit & { params?: Record<string, string> } = {}): Promise<Response> {
  const file = join(ROOT, "app", declared.replace(/\{(\w+)\}/g, "[$1]"), "route.ts");
  const handlers = (await import(/* @vite-ignore */ file)) as Record<string, Handler>;
  const { params = {}, ...request } = init;
  const handler = handlers[method.toUpperCase()];
  if (!handler) throw new Error(`${file} has no ${method}.`);
  return handler(new Request(`http://localhost${path}`, { method: method.toUpperCase(), ...request }), { params: Promise.resolve(decoded(params)) });
}

/** As Next gives them: decoded once, or as they are where they cannot be. */
const decoded = (params: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => {
    try {
      return [name, decodeURIComponent(value)];
    } catch {
      return [name, value];
    }
  }));
