/** What the Received fields (RFC 5321 section 4.4) say about who handed the message over. */
import { isIP } from "node:net";
import type { Headers } from "./headers.ts";

export type Hop = { /** HELO and reverse-lookup names of the sending side, lower case. */ hosts: string[]; ip: string | null };

/** More hops than this are a loop, or padding. */
const MAX_HOPS = 50;

/** The hops, newest first. Only the "from" side is read: the "by" side names the receiver, which says nothing of the sender. */
export function readHops(headers: Headers): Hop[] {
  return headers.getAll("received").slice(0, MAX_HOPS).map(readHop);
}

function readHop(field: string): Hop {
  const text = field.slice(0, 2_000);
  const from = /^\s*from\s/i.test(text) ? (text.split(/\sby\s/i, 1)[0] ?? "") : "";
  const ips = [...from.matchAll(/[[(](?:ipv6:)?([0-9a-f.:]{3,45})[\])]/gi)].map(([, ip = ""]) => ip.toLowerCase());
  return { hosts: from.toLowerCase().match(/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*[a-z]/g) ?? [], ip: ips.find(isPublicIp) ?? null };
}

/** Where the message came from when it reached the receiving side: the newest hop with a public address. */
export function readDelivery(headers: Headers): { sendingIp: string | null; mailServer: string | null } {
  const stated = /client-ip="?([0-9a-f.:]{3,45})/i.exec(headers.get("received-spf") ?? "")?.[1]?.replace(/[.:]+$/, "").toLowerCase();
  const hops = readHops(headers);
  const named = stated && isPublicIp(stated) ? stated : null;
  const hop = (named && hops.find(({ ip }) => ip === named)) || hops.find(({ ip }) => ip !== null) || hops.find(({ hosts }) => hosts.length > 0);
  const originating = /[0-9a-f.:]{3,45}/i.exec(headers.get("x-originating-ip") ?? "")?.[0]?.toLowerCase();
  return {
    sendingIp: named ?? hop?.ip ?? (originating && isPublicIp(originating) ? originating : null),
    mailServer: hop?.hosts[0]?.slice(0, 255) ?? null,
  };
}

/** False for anything that is no address, and for private, loopback, link-local and shared ranges (RFC 6890). */
export function isPublicIp(ip: string): boolean {
  const version = isIP(ip);
  if (version === 4) return !/^(?:0|10|127|22[4-9]|2[3-5]\d)\.|^169\.254\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(ip);
  return version === 6 && !/^(?:::1?$|f[cd]|fe[89ab]|ff)/i.test(ip);
}
