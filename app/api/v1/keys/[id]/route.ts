import { AppError } from "#lib/errors";
import { answer, route } from "#lib/api/route";
import { RevokeKeyInput, revokeKey } from "#lib/keys/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Revokes a key and those that were made with it; `ok` is false when it was revoked before. */
export const DELETE = route<{ id: string }>(async (ctx, { params }) => {
  const input = RevokeKeyInput.safeParse(params);
  if (!input.success) throw new AppError("NOT_FOUND", `No key "${params.id.slice(0, 50)}": a key's id has twelve letters and digits, as in the list of keys.`);
  const { id } = input.data;
  return answer({ data: { id, ...(await revokeKey(ctx, { id })) } });
});
