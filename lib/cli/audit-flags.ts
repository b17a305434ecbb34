/** The flags that narrow the audit log, as its page and API do. */
import { type AuditFilter, parseAuditRequest } from "#lib/audit/filter";
import type { Options, Values } from "./command.ts";
import { parseFlags } from "./filter-flags.ts";

export const AUDIT_OPTIONS = {
  person: { type: "string", value: "name", help: "what somebody did, by name or id" },
  action: { type: "string", value: "action", help: "one such as run.cancel, or all of a noun such as run" },
  object: { type: "string", value: "object", help: "what was done to objects that begin like this: run/12" },
  from: { type: "string", value: "time", help: "from then on: 2026-03-01, an instant, or 7d for so long ago" },
  to: { type: "string", value: "time", help: "until then; a day belongs to it" },
  query: { type: "string", value: "text", help: "entries that hold this text" },
} as const satisfies Options;

/** @throws AppError INVALID that names each flag that is wrong */
export function auditFilterOf(values: Values<Options>): AuditFilter {
  const given = Object.keys(AUDIT_OPTIONS).flatMap((flag) => {
    const value = values[flag];
    return typeof value === "string" ? [[flag === "query" ? "q" : flag, value]] : [];
  });
  return parseFlags(() => parseAuditRequest(new URLSearchParams(given)));
}
