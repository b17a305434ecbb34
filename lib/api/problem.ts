/** Errors as RFC 9457 problem details. */
import { z } from "zod";
import { log } from "#lib/log";
import { AppError, ERROR_CODES, type ErrorCode, type Fault, messageOf } from "#lib/errors";

/** SQLSTATEs that tell of the caller's input or of the database's state, not of a bug of ours. */
const BY_SQLSTATE: Record<string, { code: ErrorCode; message: string }> = {
  "22021": { code: "INVALID", message: "The text holds characters that cannot be stored, such as NUL." },
  "22P05": { code: "INVALID", message: "The text holds characters that cannot be stored, such as NUL." },
  "22P02": { code: "INVALID", message: "A value has the wrong form." },
  "22003": { code: "INVALID", message: "A number is too large." },
  "22007": { code: "INVALID", message: "A time has the wrong form." },
  "22008": { code: "INVALID", message: "A time is out of range." },
  "57014": { code: "UNAVAILABLE", message: "The question took too long; narrow it, with a status or a stage for instance, and ask again." },
  "53100": { code: "DISK_FULL", message: "The disk of the database is full. Free some space, then try again." },
  "53300": { code: "UNAVAILABLE", message: "The database has no free connection. Try again in a moment." },
};
const AWAY = { code: "UNAVAILABLE", message: "The database cannot be reached. Try again in a moment." } as const;

/** Connection trouble: SQLSTATE classes 08 and 57P, Prisma's codes, its adapter's kinds, and Node's. */
const IS_AWAY = /^(08...|57P..|P1001|P1002|P1008|P1017|P2024|DatabaseNotReachable|ConnectionClosed|TlsConnectionError|SocketTimeout|TooManyConnections|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EPIPE|EHOSTUNREACH)$/;
const IS_AWAY_MESSAGE = /timeout exceeded when trying to connect|query read timeout|connection terminated|server has closed the connection|can't reach database server|unable to start a transaction/i;

/** The refusal behind anything that was thrown, or null when it is a bug. */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  // A copy of the class from another bundle is no instance of ours.
  if (isAppErrorLike(error)) return new AppError(error.code, error.message, error);
  if (error instanceof z.ZodError) {
    const faults = faultsOf(error);
    return new AppError("INVALID", faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "), { faults, cause: error });
  }
  const codes = codesOf(error);
  const known = codes.map((code) => BY_SQLSTATE[code]).find(Boolean);
  if (known) return new AppError(known.code, known.message, { cause: error });
  if (codes.some((code) => IS_AWAY.test(code)) || IS_AWAY_MESSAGE.test(messageOf(error))) return new AppError(AWAY.code, AWAY.message, { cause: error });
  return null;
}

/** One fault for each thing that is wrong; a key that nobody knows is its own path. */
export const faultsOf = (error: z.ZodError): Fault[] =>
  error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join("."), message: "is not known here" }))
      : [{ path: issue.path.join("."), message: issue.message }],
  );

/**
 * What is answered for `error`. A bug is told without its message, which may hold anything, and is written to stderr.
 * `status` stands in where HTTP has a finer word than the code.
 */
export function problemOf(error: unknown, status?: number): { status: number; body: string; headers: Record<string, string> } {
  const refusal = toAppError(error);
  if (!refusal) log.error(messageOf(error), { error });
  const { title, status: usual } = refusal ? ERROR_CODES[refusal.code] : { title: "Internal error", status: 500 };
  const said = status ?? usual;
  const body = {
    ...refusal?.details,
    type: "about:blank",
    title,
    status: said,
    detail: refusal?.message ?? "Something went wrong in Penstock itself. The log has the details.",
    ...(refusal && { code: refusal.code }),
    ...(refusal && refusal.faults.length > 0 && { errors: refusal.faults }),
  };
  return { status: said, body: printJson(body), headers: headersOf(said, refusal) };
}

/** When to come again, and how to say who one is. */
function headersOf(status: number, refusal: AppError | null): Record<string, string> {
  if (status === 503) return { "Retry-After": "2" };
  if (status === 401) return { "WWW-Authenticate": 'Bearer realm="Penstock"' };
  const seconds = refusal?.details.retryAfterSeconds;
  return status === 429 && typeof seconds === "number" ? { "Retry-After": String(Math.max(1, Math.ceil(seconds))) } : {};
}

/** JSON in which a bigint is a number while it is exact, and a string beyond. Most has none, and is printed in a tenth of the time that looking at each value takes. */
export function printJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_, member) => (typeof member === "bigint" ? (Number.isSafeInteger(Number(member)) ? Number(member) : member.toString()) : member));
  }
}

function isAppErrorLike(error: unknown): error is AppError {
  return error instanceof Error && error.name === "AppError" && "code" in error && typeof error.code === "string" && error.code in ERROR_CODES;
}

/** Every code on the way down: the error's own, its causes', and what Prisma keeps of the driver's. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 6) return [];
  const { code, originalCode, kind, cause, meta, driverAdapterError } = error as Record<string, unknown>;
  const own = [code, originalCode, kind].filter((value) => typeof value === "string");
  return [...own, ...[meta, driverAdapterError, cause].flatMap((inner) => codesOf(inner, depth + 1))];
}
