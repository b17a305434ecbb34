import { KeysRequest } from "#lib/api/bodies";
import { readObject } from "#lib/api/body";
import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { MakeKeyInput, makeKey } from "#lib/keys/mutations";
import { listKeys } from "#lib/keys/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The asker's keys, without their secrets; everybody's for whoever manages them. `ended=true` has those that are over, too. */
export const GET = route(async (ctx, { url }) => answer({ data: await listKeys(ctx, KeysRequest.parse(searchRecord(url))) }));

/** Makes a key. The answer is the only place that ever holds its `token`. */
export const POST = route(async (ctx, { request }) => {
  const made = await makeKey(ctx, MakeKeyInput.parse(await readObject(request)));
  return answer({ data: made }, { status: 201, headers: { Location: "/api/v1/keys" } });
});
