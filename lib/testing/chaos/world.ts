/** The outside world: takes effects, writes each down before it answers, and knows nothing of the engine. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Effect } from "./check.ts";

const Asked = z.object({ key: z.string(), attempt: z.number() });

export type World = { url: string; effects(): Effect[]; close(): Promise<void> };

/** Listens on a port of its own and appends to `file`. */
export async function openWorld(file: string, host = "127.0.0.1"): Promise<World> {
  const fd = openSync(file, "w");
  let receipts = 0;
  const server = createServer(async (request, response) => {
    try {
      const { key, attempt } = Asked.parse(JSON.parse(await text(request)));
      const receipt = (receipts += 1);
      writeSync(fd, `${JSON.stringify({ key, attempt, receipt } satisfies Effect)}\n`);
      fsyncSync(fd);
      response.end(JSON.stringify({ receipt }));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    effects: () => readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        closeSync(fd);
        resolve();
      });
    }),
  };
}
