import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { parseEnv } from "#lib/env";
import { messageOf } from "#lib/errors";
import { guardedFetch, type Guarding } from "#lib/net/guarded-fetch";
import { isPublic } from "#lib/net/reach";

/** Listens on every address of the machine, IPv6 too, and counts who connects. */
let inside: Server;
let outside: Server;
let connections = 0;
let location = "";
let seen: Record<string, unknown>[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;
beforeAll(async () => {
  inside = createServer((_, response) => response.end("inside")).on("connection", () => { connections += 1; });
  outside = createServer((request, response) => {
    seen.push({ method: request.method, authorization: request.headers.authorization });
    response.writeHead(location ? 302 : 200, location ? { location } : {}).end("outside");
  });
  await new Promise<void>((resolve) => inside.listen(0, "::", resolve));
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
});
afterAll(() => { for (const server of [inside, outside]) { server.closeAllConnections(); server.close(); } });
beforeEach(() => { connections = 0; location = ""; seen = []; });

const env = (more: Record<string, string | undefined> = {}) => parseEnv({ PENSTOCK_HOME: "/nonexistent", ...more });
const ask = async (url: string, guarding: Guarding = {}) => {
  try {
    const response = await guardedFetch(url, { headers: { authorization: "Bearer sesame" } }, { env: env(), ...guarding });
    return await response.text();
  } catch (error) {
    return `refused: ${error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)}`;
  }
};
/** Whatever name is asked for, it means this machine: a resolver in an attacker's hand. */
const rebinding = ((_: string, __: unknown, done: (error: null, found: { address: string; family: number }[]) => void) => done(null, [{ address: "93.184.216.34", family: 4 }, { address: "127.0.0.1", family: 4 }])) as unknown as NonNullable<Guarding["lookup"]>;

const FORMS = [
  "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0x7F.0x0.0x0.0x1", "127.255.255.254", "0.0.0.0", "0", "localhost", "LOCALHOST", "localhost.", "a.localhost",
  "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]",
  "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "%31%32%37.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "255.255.255.255", "224.0.0.1",
];

it(`${FORMS.length} ways to write an inner address: none is connected to, asked for or redirected to`, async () => {
  for (const host of FORMS) {
    expect(await ask(`http://${host}:${portOf(inside)}/`), host).toMatch(/^refused: /);
    // A header has no such letters; in an address they stand for themselves.
    location = `http://${/[^ -~]/.test(host) ? encodeURI(host) : host}:${portOf(inside)}/`;
    expect(await ask(`http://127.0.0.1:${portOf(outside)}/`, { named: `http://127.0.0.1:${portOf(outside)}`, redirects: 5 }), `to ${host}`).toMatch(/^refused: /);
  }
  expect(seen).toHaveLength(FORMS.length);
  expect(connections).toBe(0);
});

it("a name is refused when one of its addresses is inside, whenever it changes", async () => {
  expect(await ask(`http://rebind.example:${portOf(inside)}/`, { lookup: rebinding })).toContain("rebind.example (127.0.0.1) is no public address");
  expect(connections).toBe(0);
});

it.each(["ftp://127.0.0.1/", "file:///etc/passwd", "http://user:pw@example.com/", "gopher://127.0.0.1:70/"])("refuses %s", async (url) => {
  expect(await ask(url)).toContain("is no plain http(s) address");
});

it("what the operator names may be asked, at that port, and its redirects may not lead elsewhere inside", async () => {
  const named = `http://127.0.0.1:${portOf(outside)}/v1`;
  expect(await ask(`${named}/models`, { named })).toBe("outside");
  expect(await ask(`http://127.0.0.1:${portOf(inside)}/`, { named })).toContain(`add 127.0.0.1:${portOf(inside)} to PENSTOCK_ALLOW_HOSTS`);
  location = "/other";
  expect(await ask(named, { named })).toContain("sends on to another address");
  expect(await ask(named, { named, redirects: 3 })).toContain("is no public address");
});

it("PENSTOCK_ALLOW_HOSTS opens a host or one port of it, and on the way to another origin the key stays behind", async () => {
  const allowing = env({ PENSTOCK_ALLOW_HOSTS: ` LOCALHOST , 127.0.0.1:${portOf(outside)}` });
  expect(await ask(`http://localhost:${portOf(inside)}/`, { env: allowing })).toBe("inside");
  location = `http://127.0.0.1:${portOf(outside)}/again`;
  expect(await ask(`http://127.0.0.1:${portOf(outside)}/`, { env: allowing, redirects: 2 })).toContain("sends on");
  location = `http://localhost:${portOf(inside)}/`;
  expect(await ask(`http://127.0.0.1:${portOf(outside)}/`, { env: allowing, redirects: 1 })).toBe("inside");
  expect(await ask(`http://127.0.0.1:${portOf(inside)}/`, { env: allowing })).toMatch(/^refused/);
});

it("Penstock's own database and pages are refused even when they are named", async () => {
  const url = `http://127.0.0.1:${portOf(inside)}/`;
  for (const own of [{ PORT: String(portOf(inside)) }, { DATABASE_URL: `postgres://penstock:secret@127.0.0.1:${portOf(inside)}/penstock` }]) {
    expect(await ask(url, { named: url, env: env({ PENSTOCK_ALLOW_HOSTS: "127.0.0.1", ...own }) })).toContain("is Penstock's own door");
  }
  expect(connections).toBe(0);
});

it.each(["93.184.216.34", "8.8.8.8", "2606:4700::1111", "[2a00:1450:4001:81b::200e]"])("%s is public", (address) => {
  expect(isPublic(address)).toBe(true);
});
