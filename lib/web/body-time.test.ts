import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { limitBodyTime } from "./body-time.ts";

/** Reads the whole body before it answers, however long that takes: as pages do. */
async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  limitBodyTime(request, response, ({ code }) => response.writeHead(408, { Connection: "close" }).end(code), { limitMs: 300, graceMs: 100 });
  let size = 0;
  for await (const chunk of request) size += chunk.length;
  response.end(`read ${size}`);
}
const server = createServer((request, response) => void handle(request, response).catch(() => {}));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))));

/** What comes back to these pieces, sent with `pauseMs` between them, until the other side hangs up. */
async function send(pauseMs: number, ...pieces: string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  let said = "";
  socket.on("data", (chunk) => { said += String(chunk); });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await closed;
  return said;
}

it.each([["a length", "Content-Length: 10\r\n\r\nx"], ["chunks", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"]])("a body of %s that does not end is refused, whoever waits for it", async (_, rest) => {
  expect(await send(1, `POST /control HTTP/1.1\r\nHost: localhost\r\n${rest}`)).toMatch(/^HTTP\/1\.1 408 [\s\S]*TOO_SLOW/);
});

it("one that comes in time is read", async () => {
  expect(await send(20, "POST /control HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\n", "a", "b", "c")).toMatch(/^HTTP\/1\.1 200 [\s\S]*read 3/);
});

it("a file is not hurried", async () => {
  const paused = await send(600, "POST /api/v1/pipelines/mail/imports?name=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n", "a", "b");
  expect(paused).toMatch(/^HTTP\/1\.1 200 [\s\S]*read 2/);
});
