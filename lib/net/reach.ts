import "server-only";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import ipaddr from "ipaddr.js";
import type { Env } from "#lib/env";

/** What may be asked besides public addresses: `host`, or `host:port`, in lower case. `ownPorts` never, on this machine and its networks. */
export type Reach = { allowed: readonly string[]; ownPorts: readonly number[] };

/** The ports that Penstock itself listens at: its database, its pages, its metrics. */
export function ownPortsOf({ DATABASE_URL, PENSTOCK_HOME, PENSTOCK_METRICS_PORT, PORT }: Pick<Env, "DATABASE_URL" | "PENSTOCK_HOME" | "PENSTOCK_METRICS_PORT" | "PORT">): number[] {
  const ports = [PORT, PENSTOCK_METRICS_PORT, DATABASE_URL ? Number(new URL(DATABASE_URL).port || 5432) : undefined];
  try {
    const { url } = JSON.parse(readFileSync(join(PENSTOCK_HOME, "start.json"), "utf8")) as { url?: string };
    ports.push(Number(new URL(url ?? "").port || 80));
  } catch {
    // Nothing was started from here: there is no port to guard.
  }
  return ports.filter((port): port is number => Boolean(port));
}

/** Whether an address is one of the open network: no machine of ours, no network of one's own, nothing reserved. */
export function isPublic(address: string): boolean {
  try {
    return ipaddr.process(address.replace(/^\[|\]$/g, "")).range() === "unicast";
  } catch {
    return false;
  }
}

/** Why `address`, which `host` stands for, must not be connected to; null when it may. Both as in an address: a name or an IP. */
export function refusalOf({ host, port, address }: { host: string; port: number; address: string }, { allowed, ownPorts }: Reach): string | null {
  if (isPublic(address)) return null;
  if (ownPorts.includes(port)) return `${host}:${port} is Penstock's own door`;
  const name = nameOf(host);
  if (allowed.some((entry) => nameOf(entry) === name || nameOf(entry) === `${name}:${port}`)) return null;
  const shown = isIP(name) ? host : `${host} (${address})`;
  return `${shown} is no public address. If Penstock shall ask it, add ${name.includes(":") ? `[${name}]` : name}:${port} to PENSTOCK_ALLOW_HOSTS`;
}

/** One spelling of each host: without brackets and a final dot. */
const nameOf = (host: string): string => host.toLowerCase().replace(/^\[(.*)\]/, "$1").replace(/\.(?=$|:)/, "");
