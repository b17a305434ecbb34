import { allow } from "#lib/access/rules";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { changeSettings, ChangeSettingsInput } from "#lib/settings/mutations";
import { getSettings } from "#lib/settings/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Every setting with where it comes from. */
export const GET = route(async (ctx) => {
  allow(ctx, "settings.change");
  return answer({ data: await getSettings(ctx) });
});

export const PATCH = route(async (ctx, { request }) => answer({ data: await changeSettings(ctx, ChangeSettingsInput.parse(await readJson(request))) }));
