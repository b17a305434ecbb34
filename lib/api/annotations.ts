/** Annotations at the edge: what is wrong with a key or a value is a 422 with its name. */
import type { z } from "zod";
import { faultsOf } from "#lib/api/problem";
import { AppError } from "#lib/errors";

/**
 * The key as it stands in the address, decoded once here: frameworks differ in what they decode.
 *
 * @throws AppError MISMATCH
 */
export function keyOf(url: URL): string {
  const path = url.pathname.replace(/\/$/, "");
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch (error) {
    throw new AppError("MISMATCH", "The key in the address is not encoded well: it must be UTF-8, percent-encoded.", { faults: [{ path: "key", message: "is not encoded well" }], cause: error });
  }
}

/** @throws AppError MISMATCH with every fault */
export function parseAnnotation<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error);
  throw new AppError("MISMATCH", faults.map(({ path, message }) => (message.endsWith(".") ? message : `${path} ${message}.`)).join(" "), { faults });
}
