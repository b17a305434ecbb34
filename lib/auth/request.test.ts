import { expect, it } from "vitest";
import { clientIp, IP_HEADER, isLocalRequest, isSecure, publicOrigin } from "./request.ts";

const plain = { PENSTOCK_URL: undefined, PENSTOCK_TRUST_PROXY: false };
const headers = (more: Record<string, string>) => new Headers({ host: "penstock.example.org", ...more });

it("who asks is the other end of the socket, and the proxy's last word only where it is trusted", () => {
  expect(clientIp("::ffff:10.0.0.7", "1.2.3.4", false)).toBe("10.0.0.7");
  expect(clientIp("127.0.0.1", "6.6.6.6, 1.2.3.4", true)).toBe("1.2.3.4");
  expect(clientIp("127.0.0.1", undefined, true)).toBe("127.0.0.1");
  expect(clientIp(undefined, "", true)).toBe("unknown");
  expect(clientIp("127.0.0.1", "x".repeat(500), true)).toHaveLength(64);
});

it("https is what the address says, or a proxy that is trusted, and no header of just anybody", () => {
  expect(isSecure(headers({ "x-forwarded-proto": "https" }), plain)).toBe(false);
  expect(isSecure(headers({ "x-forwarded-proto": "http, https" }), { ...plain, PENSTOCK_TRUST_PROXY: true })).toBe(true);
  expect(isSecure(headers({ "x-forwarded-proto": "https, http" }), { ...plain, PENSTOCK_TRUST_PROXY: true })).toBe(false);
  expect(publicOrigin(headers({}), plain)).toBe("http://penstock.example.org");
  expect(publicOrigin(headers({ host: "evil.example" }), { ...plain, PENSTOCK_URL: "https://penstock.example.org/x" })).toBe("https://penstock.example.org");
});

it("a program on this machine is told by its address, and never through a proxy that is not trusted", () => {
  expect(isLocalRequest(headers({ [IP_HEADER]: "127.0.0.1" }), plain)).toBe(true);
  expect(isLocalRequest(headers({ [IP_HEADER]: "::1" }), plain)).toBe(true);
  expect(isLocalRequest(headers({ [IP_HEADER]: "10.0.0.1" }), plain)).toBe(false);
  expect(isLocalRequest(headers({}), plain)).toBe(false);
  expect(isLocalRequest(headers({ [IP_HEADER]: "127.0.0.1" }), { ...plain, PENSTOCK_URL: "https://penstock.example.org" })).toBe(false);
});
