import { z } from "zod";

const Links = z.looseObject({ code: z.unknown(), originalCode: z.unknown(), cause: z.unknown(), meta: z.unknown(), driverAdapterError: z.unknown() }).partial();
const MAX_DEPTH = 8;

/** Whether PostgreSQL failed with `state` (five characters), however deep the client has wrapped it. */
export function hasSqlState(error: unknown, state: string, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  const parsed = Links.safeParse({ ...error, cause: error instanceof Error ? error.cause : Reflect.get(error, "cause") });
  if (!parsed.success) return false;
  const { code, originalCode, cause, meta, driverAdapterError } = parsed.data;
  return code === state || originalCode === state || [cause, meta, driverAdapterError].some((link) => hasSqlState(link, state, depth + 1));
}
