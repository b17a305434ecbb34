import { parseErrorGroupId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { reopenErrorGroup } from "#lib/error-groups/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Asking for what is so already is no fault: the answer says how it stands. */
export const POST = route<{ id: string }>(async (ctx, { params }) => {
  const groupId = parseErrorGroupId(params.id);
  const { status } = await reopenErrorGroup(ctx, { groupId });
  return answer({ data: { groupId, status } });
});
