/** Whether the database is gone: then nobody knows whether what was asked of it last is done. */

/** Classes of SQLSTATE and of Node that mean: the server is gone, not: the statement was wrong. */
const AWAY = /^(08|57P)|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|P1001|P1002|P1008|P1017|P2024|P2028/;

export function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, meta } = cause as { code?: unknown; meta?: { code?: unknown } };
    if ([code, meta?.code].some((candidate) => typeof candidate === "string" && AWAY.test(candidate))) return true;
    if (/Connection terminated|Can't reach database server|connection timeout|terminating connection/i.test(cause.message)) return true;
  }
  return false;
}
