/**
 * Workers on machines of their own: network namespaces (Linux, root), joined to the database's by a bridge. What is cut is cut
 * without a word, as by a pulled cable: packets vanish, no connection is closed.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./random.ts";
import type { Arena, ChaosOptions, Say } from "./run.ts";

const BRIDGE = "pstchaos";
const SUBNET = "10.213.77";
const HERE = `${SUBNET}.1`;
const HOSTS = 2;
const NAME = (slot: number) => `pstchaos${slot}`;

function run(...[command = "", ...args]: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr || error?.message}`);
}
const tryRun = (...command: string[]) => { try { run(...command); } catch { /* It is not there, or not any more. */ } };

function tearDown(): void {
  for (let slot = 0; slot < HOSTS; slot += 1) tryRun("ip", "netns", "del", NAME(slot));
  tryRun("ip", "link", "del", BRIDGE);
}

function setUp(): void {
  tearDown();
  run("ip", "link", "add", BRIDGE, "type", "bridge");
  run("ip", "addr", "add", `${HERE}/24`, "dev", BRIDGE);
  run("ip", "link", "set", BRIDGE, "up");
  for (let slot = 0; slot < HOSTS; slot += 1) {
    const name = NAME(slot);
    run("ip", "netns", "add", name);
    run("ip", "link", "add", `${name}h`, "type", "veth", "peer", "name", "eth0", "netns", name);
    run("ip", "link", "set", `${name}h`, "master", BRIDGE, "up");
    run("ip", "netns", "exec", name, "ip", "addr", "add", `${SUBNET}.${slot + 2}/24`, "dev", "eth0");
    run("ip", "netns", "exec", name, "ip", "link", "set", "eth0", "up");
    run("ip", "netns", "exec", name, "ip", "link", "set", "lo", "up");
  }
}

type Network = { settings: Record<string, string>; worldHost: string; /** Lets those from the bridge in, and says how workers get there. */ join(arena: Arena): Promise<Partial<ChaosOptions>> };

/** @throws Error when this machine lends no namespaces. */
export async function withNetwork<T>(say: Say, work: (network: Network) => Promise<T>): Promise<T> {
  setUp();
  try {
    return await work({
      settings: { listen_addresses: `127.0.0.1,${HERE}` },
      worldHost: HERE,
      join: async ({ home, server, ctx }) => {
        appendFileSync(join(home, "postgres/data/pg_hba.conf"), `host all all ${SUBNET}.0/24 scram-sha-256\n`);
        await ctx.db.$queryRaw`select pg_reload_conf()`;
        return {
          workers: HOSTS,
          fleet: {
            urlOf: () => server.url.replace("127.0.0.1", HERE),
            prefixOf: (slot) => ["ip", "netns", "exec", NAME(slot), "unshare", "--uts", "sh", "-c", `hostname ${NAME(slot)}; exec "$@"`, "sh"],
          },
          besides: (_, __, random) => spoil(random, say),
        };
      },
    });
  } finally {
    tearDown();
  }
}

/** Cuts one off for about as long as it takes to be given up, both for a moment, both again and again, and the other for longer. */
async function spoil(random: Random, say: Say): Promise<void> {
  const device = (slot: number) => `${NAME(slot)}h`;
  const both = Array.from({ length: HOSTS }, (_, slot) => slot);
  const during = async (what: string, ms: number, begin: () => void, end: () => void) => {
    await sleep(random.int(3_000, 5_000));
    say(`network: ${what} for ${(ms / 1_000).toFixed(0)} s`);
    begin();
    await sleep(ms);
    end();
    say("network: healed");
  };
  const cut = (slots: number[]) => () => { for (const slot of slots) run("ip", "link", "set", device(slot), "down"); };
  const one = [random.int(0, HOSTS - 1)];
  const heal = (slots: number[]) => () => { for (const slot of slots) run("ip", "link", "set", device(slot), "up"); };
  /** Down and up once a second, as a bad cable is. */
  let flapping: NodeJS.Timeout | undefined;
  const flap = (slots: number[]) => () => {
    let isUp = true;
    flapping = setInterval(() => (isUp = !isUp ? (heal(slots)(), true) : (cut(slots)(), false)), 1_000);
  };
  const steady = (slots: number[]) => () => {
    clearInterval(flapping);
    heal(slots)();
  };
  await during("one host cut off", 12_000, cut(one), heal(one));
  await during("both hosts cut off", 3_000, cut(both), heal(both));
  await during("both hosts on a bad cable", 10_000, flap(both), steady(both));
  await during("the other host cut off", 25_000, cut(both.filter((slot) => !one.includes(slot))), heal(both));
}
