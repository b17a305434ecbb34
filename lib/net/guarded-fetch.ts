/** The only way out: every address is looked at when it is connected to, so neither a name, a redirect nor a changed DNS answer leads inside. */
import "server-only";
import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Agent } from "undici";
import { type Env, parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { ownPortsOf, type Reach, refusalOf } from "./reach.ts";

/** `named`: an address that the operator of this machine wrote into its environment; its host and port may be inside. */
export type Guarding = { named?: string | undefined; /** Followed, each looked at like the first but for `named`; none unless said. */ redirects?: number; env?: Env; lookup?: typeof lookup };

/**
 * `fetch` that reaches public addresses, those of `PENSTOCK_ALLOW_HOSTS`, and `named`; never Penstock's own database and pages.
 *
 * @throws TypeError as `fetch` does, with an AppError FORBIDDEN as its cause when the address was refused.
 */
export async function guardedFetch(input: string | URL | Request, init: RequestInit = {}, { named, redirects = 0, env = parseEnv(), lookup: resolve = lookup }: Guarding = {}): Promise<Response> {
  // Loaded by who asks: most web servers never do, and it takes 10 MB.
  const { fetch: undiciFetch } = await import("undici");
  const ownPorts = ownPortsOf(env);
  let url = new URL(input instanceof Request ? input.url : input);
  let asked = init;
  for (let hop = 0; ; hop += 1) {
    const reach: Reach = { allowed: [...env.PENSTOCK_ALLOW_HOSTS, ...(hop === 0 && named ? [hostOf(new URL(named))] : [])], ownPorts };
    if (!/^https?:$/.test(url.protocol) || url.username || url.password) throw refused(`${url.protocol}//${url.host} is no plain http(s) address`);
    const response = (await undiciFetch(url, { ...asked, redirect: "manual", dispatcher: await agentFor(reach, resolve) } as Parameters<typeof undiciFetch>[1])) as unknown as Response;
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    if (hop >= redirects) throw refused(`${url.host} sends on to another address, which is not followed`);
    const next = new URL(location, url);
    asked = onward(asked, response.status, next.origin === url.origin);
    url = next;
  }
}

const refused = (why: string): TypeError => new TypeError("fetch failed", { cause: new AppError("FORBIDDEN", `Not asked: ${why}.`) });
const hostOf = ({ hostname, port, protocol }: URL): string => `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;

/** A request as it goes on after a redirect: as browsers do, and with nothing secret to another origin. */
function onward(init: RequestInit, status: number, isSameOrigin: boolean): RequestInit {
  const headers = new Headers(init.headers);
  if (!isSameOrigin) for (const name of ["authorization", "cookie", "proxy-authorization", "x-api-key"]) headers.delete(name);
  const { body, ...rest } = init;
  if (status === 307 || status === 308) return { ...init, headers };
  for (const name of ["content-type", "content-length"]) headers.delete(name);
  return { ...rest, method: init.method?.toUpperCase() === "HEAD" ? "HEAD" : "GET", headers };
}

const agents = new Map<string, Promise<Agent>>();

/** Connections are kept open for those who may reach the same. */
function agentFor(reach: Reach, resolve: typeof lookup): Promise<Agent> {
  if (resolve !== lookup) return makeAgent(reach, resolve);
  const key = JSON.stringify(reach);
  const agent = agents.get(key) ?? makeAgent(reach, resolve);
  agents.set(key, agent);
  return agent;
}

async function makeAgent(reach: Reach, resolve: typeof lookup): Promise<Agent> {
  const undici = await import("undici");
  return new undici.Agent({
    connect: (options, done) => {
      const { hostname } = options;
      const port = Number(options.port || (options.protocol === "https:" ? 443 : 80));
      // An address is not looked up, so it is looked at here.
      const literal = hostname.replace(/^\[|\]$/g, "");
      const why = isIP(literal) ? refusalOf({ host: hostname, port, address: literal }, reach) : null;
      if (why) return done(new AppError("FORBIDDEN", `Not asked: ${why}.`), null);
      undici.buildConnector({ lookup: guardedLookup(reach, port, resolve) })(options, done);
    },
  });
}

/** Resolves as usual, and refuses when one of the answers is inside: whoever owns the name chose them all. */
function guardedLookup(reach: Reach, port: number, resolve: typeof lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const why = found.map(({ address }) => refusalOf({ host: hostname, port, address }, reach)).find(Boolean);
      if (why) return done(new AppError("FORBIDDEN", `Not asked: ${why}.`) as NodeJS.ErrnoException, "", 0);
      if (options.all) return done(null, found);
      done(null, found[0]?.address ?? "", found[0]?.family ?? 4);
    });
  };
}
