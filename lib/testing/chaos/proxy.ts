/** A way to the database that can be made long, silent, or cut, where there are no networks of one's own to be had. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./random.ts";
import type { Say } from "./run.ts";

export type Proxy = {
  port: number;
  /** What each chunk is kept back for, in milliseconds, either way. */
  delay(ms: number): void;
  /** Nothing passes, and nobody is told. */
  silence(isSilent: boolean): void;
  /** Every connection is closed, and no new one is taken. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
};

export async function openProxy(target: number): Promise<Proxy> {
  const pairs = new Set<[Socket, Socket]>();
  let delayMs = 0;
  let isSilent = false;
  let isCut = false;

  function pass(from: Socket, to: Socket): void {
    let passing: Promise<unknown> = Promise.resolve();
    from.on("data", (chunk) => {
      const due = performance.now() + delayMs;
      passing = passing.then(async () => {
        const left = due - performance.now();
        if (left > 0) await sleep(left);
        // What came while all was silent is late, not lost: so TCP would have it.
        while (isSilent && !to.destroyed) await sleep(20);
        if (!to.destroyed) to.write(chunk);
      });
    });
  }
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(target, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      pass(from, to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const drop = () => { for (const sockets of pairs) for (const socket of sockets) socket.destroy(); };
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => { delayMs = ms; },
    silence: (silent) => { isSilent = silent; },
    cut: (cut) => {
      isCut = cut;
      if (cut) drop();
    },
    close: () => new Promise((resolve) => {
      drop();
      server.close(() => resolve());
    }),
  };
}

/** Each trouble for some seconds, to one worker and to both. */
export async function troubleProxies(proxies: Proxy[], random: Random, say: Say): Promise<void> {
  const troubles: [string, number, (proxy: Proxy) => void, (proxy: Proxy) => void][] = [
    ["50 ms each way", 6_000, (proxy) => proxy.delay(50), (proxy) => proxy.delay(0)],
    ["cut", 4_000, (proxy) => proxy.cut(true), (proxy) => proxy.cut(false)],
    ["silent for as long as nobody notices", 2_000, (proxy) => proxy.silence(true), (proxy) => proxy.silence(false)],
    ["silent for longer", 12_000, (proxy) => proxy.silence(true), (proxy) => proxy.silence(false)],
  ];
  for (const [what, ms, begin, end] of troubles) {
    for (const chosen of [[random.pick(proxies)], proxies]) {
      await sleep(random.int(1_500, 3_000));
      say(`proxy: ${what}, to ${chosen.length === 1 ? "one" : "all"}`);
      chosen.forEach(begin);
      await sleep(ms);
      chosen.forEach(end);
    }
  }
}
