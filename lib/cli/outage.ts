/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown); Node's and Prisma's codes for a database that is not there. */
const OUTAGE_CODE = /^(08\w{3}|53\w{3}|57P0\d|P10(01|02|08|17)|P2024|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;
const OUTAGE_WORDS = /connection terminated|timeout exceeded when trying to connect|server has closed the connection|connection timeout|can't reach database/i;

/** Whether the database, or the server elsewhere, cannot be reached at the moment, and asking again may help. Looks through causes. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 6) return false;
  const { code, originalCode, message, cause, meta, driverAdapterError, details } = error as Record<string, unknown>;
  // What lib/cli/remote.ts says of a server that does not answer.
  if (typeof details === "object" && details !== null && "away" in details && details.away === true) return true;
  if ([code, originalCode].some((one) => typeof one === "string" && OUTAGE_CODE.test(one))) return true;
  if (typeof message === "string" && OUTAGE_WORDS.test(message)) return true;
  return [cause, meta, driverAdapterError].some((inner) => isOutage(inner, depth + 1));
}
