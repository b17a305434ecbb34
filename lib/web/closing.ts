/** How the web server ends: in order, and soon. */
import type { Server } from "node:http";
import { closeAllStreams } from "#lib/live/sse";

/** Past this, whatever is still open is cut, in milliseconds: who is told to end is gone within five seconds. */
const CLOSE_GRACE_MS = 4_000;

/** Stops accepting, ends the live streams, lets requests finish, and cuts what is left after the grace. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await closeAllStreams();
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 200);
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
