import { z } from "zod";
import { ALL_PERMISSIONS, ROLES } from "#lib/access/rules";
import { all, one, type Printed, Text, When } from "#lib/api/shapes/basics";
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

export const ACCESS_OPERATIONS: Operation[] = [
  { method: "get", path: "/api/v1/keys", tag: "Access", summary: "List API keys", description: "One's own; everybody's for whoever has keys.manage.", permission: "keys.make", or: "keys.manage", query: KeysRequest, answer: all(Key) },
  { method: "post", path: "/api/v1/keys", tag: "Access", summary: "Make an API key", description: "It may no more than whoever makes it, and its token is told this once.", permission: "keys.make", body: { schema: MakeKeyInput, example: { name: "ci", role: "viewer", permissions: ["keys.make"], expiresInDays: 30 } }, status: 201, answer: one(Made), errors: ["MISMATCH"] },
  { method: "delete", path: "/api/v1/keys/{id}", tag: "Access", summary: "Revoke an API key and those that were made with it", permission: "keys.make", or: "keys.manage", params: RevokeKeyInput, answer: one(Revoked), errors: ["NOT_FOUND"] },
];
