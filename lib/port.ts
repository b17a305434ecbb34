/** Where to listen, and what that address is called. */
import { createServer } from "node:net";
import { AppError } from "#lib/errors";

const FIRST_PORT = 3000;
const PORTS_TRIED = 100;

/**
 * The port to listen on: `port` when it is free, without one the next that is from 3000 on.
 *
 * @throws AppError as `portError`; CONFLICT when a hundred are taken
 */
export async function choosePort(host: string, port: number | undefined): Promise<number> {
  if (port !== undefined) {
    const fault = await tryPort(host, port);
    if (fault) throw portError(fault, host, port);
    return port;
  }
  for (let candidate = FIRST_PORT; candidate < FIRST_PORT + PORTS_TRIED; candidate += 1) {
    const fault = await tryPort(host, candidate);
    if (!fault) return candidate;
    if (fault.code !== "EADDRINUSE") throw portError(fault, host, candidate);
  }
  throw new AppError("CONFLICT", `No port from ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} is free. Set PORT to a free one.`);
}

/** What stands in the way of listening there; null when nothing does. */
export function tryPort(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer().once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** What to do about it: CONFLICT for a port that is taken, FORBIDDEN for one of the system's, INVALID for a host that is not ours. */
export function portError(fault: NodeJS.ErrnoException, host: string, port: number): AppError {
  if (fault.code === "EADDRINUSE") return new AppError("CONFLICT", `Port ${port} is taken: another program listens on ${host}. Set PORT to another one, or leave it out.`, { cause: fault });
  if (fault.code === "EACCES") return new AppError("FORBIDDEN", `Port ${port} is not allowed to this user: ports below 1024 are the system's. Set PORT to another one.`, { cause: fault });
  return new AppError("INVALID", `Cannot listen on ${host}:${port} (${fault.code}). Check HOST.`, { cause: fault });
}

/** What a browser on this machine opens. */
export const addressOf = (host: string, port: number): string => `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;
