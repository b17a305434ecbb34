/** What can be expected to go wrong, and is told to whoever asked. Everything else is a bug and is thrown as it is. */
export const ERROR_CODES = {
  INVALID: { status: 400, exitCode: 2, title: "Not valid" },
  UNAUTHENTICATED: { status: 401, exitCode: 3, title: "Sign in first" },
  FORBIDDEN: { status: 403, exitCode: 3, title: "Not allowed" },
  NOT_FOUND: { status: 404, exitCode: 4, title: "Not found" },
  TOO_SLOW: { status: 408, exitCode: 1, title: "Too slow" },
  CONFLICT: { status: 409, exitCode: 1, title: "In the way" },
  TOO_LARGE: { status: 413, exitCode: 1, title: "Too large" },
  UNSUPPORTED: { status: 415, exitCode: 2, title: "Of another type" },
  MISMATCH: { status: 422, exitCode: 2, title: "Does not match" },
  UNAVAILABLE: { status: 503, exitCode: 1, title: "Not available" },
  TOO_MANY: { status: 429, exitCode: 1, title: "Too many" },
  DISK_FULL: { status: 507, exitCode: 1, title: "Disk full" },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Where in the input the fault is, and what it is: one entry per fault. */
export type Fault = { path: string; message: string };

/**
 * A refusal with a sentence for a person: what happened, why, and what to do.
 * Each transport maps the code once (`ERROR_CODES`): HTTP status, exit code, action result.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly faults: Fault[];
  /** Facts for programs, such as the id of the run that is in the way. */
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, more: { faults?: Fault[]; details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.name = "AppError";
    this.code = code;
    this.faults = more.faults ?? [];
    this.details = more.details ?? {};
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
