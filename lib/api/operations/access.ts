import { z } from "zod";
import { ALL_PERMISSIONS, ROLES } from "#lib/access/rules";
import { all, AnyJson, Count, Id, list, one, type Printed, Text, When } from "#lib/api/shapes/basics";
import { AUDIT_FORMATS, type AuditRow, CHAIN_FAULTS, type ChainCheck, type ChainFault } from "#lib/audit/fields";
import { MAX_AUDIT } from "#lib/audit/filter";
import { SETTING_KEYS, SETTING_SCHEMAS, type SettingKey } from "#lib/settings/fields";
import { ChangeSettingsInput } from "#lib/settings/mutations";
import { KeysRequest } from "#lib/api/bodies";
import { KEY_STATES } from "#lib/keys/fields";
import { MakeKeyInput, RevokeKeyInput } from "#lib/keys/mutations";
import type { KeyRow } from "#lib/keys/queries";
import type { Operation } from "./operation.ts";

const Key = z
  .object({
    id: Text, name: Text, owner: Text.nullable(), ownerEmail: Text.nullable(), isMine: z.boolean(), role: z.enum(ROLES), permissions: z.array(z.enum(ALL_PERMISSIONS)).nullable(), state: z.enum(KEY_STATES), createdAt: When, createdBy: Text, expiresAt: When, lastUsedAt: When.nullable(), revokedAt: When.nullable(),
  })
  .meta({
    id: "ApiKey",
    description: "Never its secret.",
    examples: [{ id: "k3m9p2qrstuv", name: "ci", owner: "Ann", ownerEmail: "ann@example.org", isMine: true, role: "viewer", permissions: null, state: "live", createdAt: "2026-03-01T10:00:00.000Z", createdBy: "Ann", expiresAt: "2026-05-30T10:00:00.000Z", lastUsedAt: null, revokedAt: null }],
  }) satisfies z.ZodType<Printed<KeyRow>>;
const Made = z
  .object({ id: Text, name: Text, token: Text, expiresAt: When })
  .meta({ id: "MadeApiKey", description: "The only answer that ever holds `token`.", examples: [{ id: "k3m9p2qrstuv", name: "ci", token: "pk_k3m9p2qrstuv_…", expiresAt: "2026-05-30T10:00:00.000Z" }] });
const Revoked = z.object({ id: Text, ok: z.boolean() }).meta({ examples: [{ id: "k3m9p2qrstuv", ok: true }] });

const AuditQuery = z.object({
  person: Text.max(200).optional().meta({ description: "A name, or the id of a person or a key." }),
  action: Text.max(60).optional().meta({ description: "`run.cancel`, or `run` for all that is done to runs." }),
  object: Text.max(300).optional().meta({ description: "The beginning of it: `run/12`, or `schedule/` for every schedule." }),
  from: Text.max(40).optional(),
  to: Text.max(40).optional(),
  q: Text.max(200).optional().meta({ description: "Part of anything that an entry says." }),
  cursor: Text.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_AUDIT).optional(),
});
const Entry = z
  .object({
    id: Id, at: When, actorKind: Text, actor: Text, userId: Text.nullable(), keyId: Text.nullable(), ip: Text.nullable(), requestId: Text.nullable(), userAgent: Text.nullable(), action: Text, object: Text, before: AnyJson.nullable(), after: AnyJson.nullable(), link: Count.nullable(), hash: Text.nullable(),
  })
  .meta({
    id: "AuditEntry",
    description: "`link` is its place in the chain and `hash` the hash that it has there, both null for a moment, until it is sealed.",
    examples: [{ id: 12, at: "2026-03-01T10:00:00.000Z", actorKind: "web", actor: "Ann", userId: "u1", keyId: null, ip: "192.0.2.7", requestId: "9b2f3c1d", userAgent: null, action: "run.cancel", object: "run/1234", before: null, after: null, link: 12, hash: null }],
  }) satisfies z.ZodType<Omit<Printed<AuditRow>, "before" | "after">>;
const Fault = z.object({ kind: z.enum(Object.keys(CHAIN_FAULTS) as [ChainFault["kind"]]), entry: Count, link: Count });
const Check = z
  .object({ holds: z.boolean(), entries: Count, entry: Id.nullable(), hash: Text, waiting: Count, fault: Fault.nullable(), checkedAt: When })
  .meta({
    id: "AuditCheck",
    description: "`entry` is the last one that holds, `hash` its hash, and `fault` what is wrong with the first that does not.",
    examples: [{ holds: true, entries: 12, entry: 12, hash: "9f86d081884c7d65", waiting: 0, fault: null, checkedAt: "2026-03-01T10:00:00.000Z" }],
  }) satisfies z.ZodType<Printed<ChainCheck>>;

const stateOf = (value: z.ZodType) => z.object({ value, version: Count, changedBy: Text.nullable(), changedAt: When.nullable(), fixedBy: Text.nullable() });
const state = (value: unknown) => ({ value, version: 0, changedBy: null, changedAt: null, fixedBy: null });
const Settings = z.object(Object.fromEntries(SETTING_KEYS.map((key) => [key, stateOf(SETTING_SCHEMAS[key])])) as unknown as Record<SettingKey, z.ZodType>).meta({
  id: "Settings",
  description: "`version` is 0 for what nobody has changed; `fixedBy` is the variable of the environment that says it, and then it cannot be changed here.",
  examples: [{ runDays: state(90), payloadDays: state(30), auditDays: state(365), viewersSeePayloads: state(true) }],
});

export const ACCESS_OPERATIONS: Operation[] = [
  { method: "get", path: "/api/v1/keys", tag: "Access", summary: "List API keys", description: "One's own; everybody's for whoever has keys.manage.", permission: "keys.make", or: "keys.manage", query: KeysRequest, answer: all(Key) },
  { method: "post", path: "/api/v1/keys", tag: "Access", summary: "Make an API key", description: "It may no more than whoever makes it, and its token is told this once.", permission: "keys.make", body: { schema: MakeKeyInput, example: { name: "ci", role: "viewer", permissions: ["keys.make"], expiresInDays: 30 } }, status: 201, answer: one(Made), errors: ["MISMATCH"] },
  { method: "delete", path: "/api/v1/keys/{id}", tag: "Access", summary: "Revoke an API key and those that were made with it", permission: "keys.make", or: "keys.manage", params: RevokeKeyInput, answer: one(Revoked), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/audit", tag: "Access", summary: "List what was done by whom", permission: "audit.read", query: AuditQuery, answer: list(Entry), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/audit/export", tag: "Access", summary: "Export every entry of the audit log that matches", permission: "audit.read", query: AuditQuery.omit({ cursor: true, limit: true }).extend({ format: z.enum(AUDIT_FORMATS).optional(), bom: z.stringbool().optional() }), answer: "application/octet-stream", errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/audit/verify", tag: "Access", summary: "Check the chain of the audit log", permission: "audit.read", answer: one(Check) },
  { method: "get", path: "/api/v1/settings", tag: "Access", summary: "Every setting with where it comes from", permission: "settings.change", answer: one(Settings) },
  { method: "patch", path: "/api/v1/settings", tag: "Access", summary: "Change settings, all that are named or none", permission: "settings.change", body: { schema: ChangeSettingsInput, example: { values: { runDays: 120 } } }, answer: one(Settings), errors: ["CONFLICT", "MISMATCH"] },
];
