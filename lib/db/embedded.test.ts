import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "#lib/root";
import { startEmbedded } from "./embedded.ts";

const home = join(ROOT, ".tmp/test-embedded");
rmSync(home, { recursive: true, force: true });
afterAll(async () => {
  await (await startEmbedded(home)).stop();
  rmSync(home, { recursive: true, force: true });
});

// A client that tried to reach the server while it was down once sat on its port: it came back at another, and every worker was lost.
test("it comes back at its address, which no outgoing connection can hold, and waits for who does", async () => {
  const first = await startEmbedded(home);
  const port = Number(new URL(first.url).port);
  expect(port).toBeLessThan(32_768);
  await first.stop();
  const squatter = createServer().listen(port, "127.0.0.1");
  const back = startEmbedded(home);
  await sleep(300);
  await new Promise((resolve) => squatter.close(resolve));
  expect((await back).url).toBe(first.url);
});
