/** What an entry of the audit log says, declared once. Isomorphic. */
import type { Json } from "#lib/engine/define";
import type { ExportColumn } from "#lib/export/fields";

export type AuditRow = {
  id: number;
  at: Date;
  /** One of `ACTOR_KINDS`, as far as this version knows. */
  actorKind: string;
  actor: string;
  userId: string | null;
  keyId: string | null;
  ip: string | null;
  requestId: string | null;
  userAgent: string | null;
  action: string;
  object: string;
  before: Json | null;
  after: Json | null;
  /** Its place in the chain, and the hash that it has there; null for a moment, until it is sealed. */
  link: number | null;
  hash: string | null;
};

export const ACTOR_KINDS = { web: "a person in a browser", api: "a program with a key", cli: "the command line", worker: "Penstock itself" } as const;

/** Every part of an entry in the order of an export; `before` and `after` are JSON. A part that is left out does not compile. */
export const AUDIT_COLUMNS: ExportColumn[] = (Object.entries({
  id: "id",
  at: "time",
  actorKind: "text",
  actor: "text",
  userId: "text",
  keyId: "text",
  ip: "text",
  requestId: "text",
  userAgent: "text",
  action: "text",
  object: "text",
  before: "text",
  after: "text",
  link: "id",
  hash: "text",
} satisfies Record<keyof AuditRow, ExportColumn["type"]>) as [keyof AuditRow, ExportColumn["type"]][]).map(([name, type]) => ({ name, type }));

/** Parquet has no use for a log that people and programs read line by line. */
export const AUDIT_FORMATS = ["csv", "ndjson"] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** What is wrong with the first entry that does not hold. */
export const CHAIN_FAULTS = {
  changed: "was changed after it was sealed",
  moved: "does not follow the entry before it: something was inserted, taken out or put elsewhere",
  missing: "is missing: it was deleted",
} as const;
export type ChainFault = { kind: keyof typeof CHAIN_FAULTS; /** The entry, or the one before the gap. */ entry: number; link: number };

/** What a check found. `entry` is the last one that holds; `waiting` are those that are not sealed yet. */
export type ChainCheck = { holds: boolean; entries: number; entry: number | null; hash: string; waiting: number; fault: ChainFault | null; checkedAt: Date };

export const sayFault = ({ kind, entry }: ChainFault): string => (kind === "missing" ? `What came after entry ${entry} ${CHAIN_FAULTS.missing}` : `Entry ${entry} ${CHAIN_FAULTS[kind]}`);
