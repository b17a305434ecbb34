import { route } from "#lib/api/route";
import { DeleteViewInput, deleteView } from "#lib/views/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const DELETE = route<{ id: string }>(async (ctx, { params }) => {
  await deleteView(ctx, DeleteViewInput.parse(params));
  return new Response(null, { status: 204 });
});
