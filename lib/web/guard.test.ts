import { expect, it } from "vitest";
import { refuse } from "#lib/web/guard";

const ask = (url: string, headers: Record<string, string> = {}, method = "GET", boundTo = "127.0.0.1") =>
  refuse({ method, url, headers: { host: "127.0.0.1:3000", ...headers } }, boundTo)?.status ?? null;

it.each(["localhost:3000", "LOCALHOST", "127.0.0.1:8080", "[::1]:3000", "penstock.localhost:3000"])("answers to the machine's own name %s", (host) => {
  expect(ask("/runs", { host })).toBeNull();
});

it.each(["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.5:3000", ""])("bound to loopback, refuses the name %s", (host) => {
  expect(ask("/runs", { host })).toBe(421);
});

it("answers to the address that people open, passed on by a proxy on this machine", () => {
  const of = (host: string, publicHost?: string) => refuse({ method: "GET", url: "/", headers: { host } }, "127.0.0.1", publicHost)?.status ?? null;
  expect(of("penstock.example", "penstock.example")).toBeNull();
  expect(of("evil.example", "penstock.example")).toBe(421);
  expect(refuse({ method: "GET", url: "/", headers: {} }, "127.0.0.1")?.status).toBe(421);
});

it("answers to any name when it is bound to more than loopback", () => {
  expect(ask("/runs", { host: "penstock.example" }, "GET", "0.0.0.0")).toBeNull();
});

it.each([["/_next/image?url=x", 404], ["/_next%2Fimage", 404], ["//_next//image", 404], ["/_NEXT/image/", 404], ["/%ff", 400], ["http://evil.example/", 400], [`/?q=${"a".repeat(17_000)}`, 414]])("refuses %s", (url, status) => {
  expect(ask(url)).toBe(status);
});

it("refuses methods that nothing here uses, and writes from other sites", () => {
  expect(ask("/", {}, "TRACE")).toBe(405);
  expect(ask("/", { origin: "http://evil.example" }, "POST")).toBe(403);
  expect(ask("/_next/static/chunk.js")).toBeNull();
});

it.each([[{ "content-encoding": "gzip" }, "/api/v1/runs/search", 415], [{ "content-encoding": "identity" }, "/api/v1/runs/search", null], [{ "transfer-encoding": "chunked" }, "/runs", 411], [{ "content-length": "2000000" }, "/runs", 413], [{ "content-length": "2000000" }, "/api/v1/pipelines/mail/imports", null], [{ "content-length": "100" }, "/runs", null]])("a body with %o to %s: %s", (headers, url, status) => {
  expect(ask(url, headers as Record<string, string>, "POST")).toBe(status);
});
