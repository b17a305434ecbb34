/** How the web server ends: in order, and soon. */
import type { Server } from "node:http";
import { closeAllStreams } from "#lib/live/sse";

/** Past this, whatever is still open is cut, in milliseconds: who is told to end is gone within five seconds. */
const CLOSE_GRACE_MS = 4_000;
const CLOSE_IDLE_MS = 100;

/** Stops accepting, ends the live streams, lets requests finish, and cuts what is left after the grace. */
export async function closeServer(server: Server): Promise<void> {
  // Whoever asks again and again on one connection would never leave it idle.
  server.prependListener("request", (_, response) => void response.setHeader("Connection", "close"));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await closeAllStreams();
  server.closeIdleConnections();
  const idle = setInterval(() => {
    server.closeIdleConnections();
    // A reader that came on a connection of before.
    void closeAllStreams();
  }, CLOSE_IDLE_MS);
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
