/** A server that is told to end, with readers of the live stream and a request that never ends. */
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStream } from "#lib/live/sse";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { closeServer } from "./closing.ts";

const READERS = 100;
let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
  process.env.DATABASE_URL = database.url;
});
afterAll(async () => {
  const held = globalThis as { penstockDb?: typeof database.db };
  await held.penstockDb?.$disconnect();
  await database.drop();
});

test("whoever asks without a pause on one connection keeps nobody from ending", async () => {
  const server = createServer((_, response) => void setTimeout(() => response.end("yes"), 5));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let answers = 0;
  const ask = (): Promise<void> => new Promise<void>((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent }, (response) => response.resume().once("end", resolve)).once("error", reject);
  }).then(() => {
    answers += 1;
    return ask();
  });
  const asking = ask().catch((error: NodeJS.ErrnoException) => error.code);
  await waitFor("some answers", async () => answers > 5);
  const from = performance.now();
  await closeServer(server);
  expect(performance.now() - from).toBeLessThan(3_000);
  expect(await asking).toMatch(/^ECONN/);
  agent.destroy();
});

test("a hundred readers are told when to come back and let go, and what never ends is cut within five seconds", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/never") return void response.writeHead(200).write("so far");
    void openStream({ runId: null, lastEventId: null }).then((stream) => Readable.fromWeb(stream as never).pipe(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const open = (path: string) => new Promise<{ said(): string; ended: Promise<"ended" | "cut"> }>((resolve, reject) => {
    get({ host: "127.0.0.1", port, path }, (response: IncomingMessage) => {
      let said = "";
      response.on("data", (chunk) => { said += chunk; });
      resolve({ said: () => said, ended: new Promise((end) => response.once("end", () => end("ended")).once("error", () => end("cut"))) });
    }).once("error", reject);
  });
  const readers = await Promise.all(Array.from({ length: READERS }, () => open("/")));
  await waitFor("all to be live", async () => readers.every(({ said }) => said().includes("event: ready")));
  const never = await open("/never");

  const from = performance.now();
  await closeServer(server);
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(Array(READERS).fill("ended"));
  for (const { said } of readers) expect(said().endsWith("retry: 1000\n\n")).toBe(true);
  expect(await never.ended).toBe("cut");
}, 60_000);
