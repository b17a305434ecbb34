import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { getKillSwitch, listKillSwitchTurns, readKillSwitch, setKillSwitch, SetKillSwitchInput } from "#lib/pipelines/trading/desk";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** How it stands, with its last turns. */
export const GET = route(async (ctx) => answer({ data: { ...(await getKillSwitch(ctx)), turns: await listKillSwitchTurns(ctx) } }));

export const PUT = route(async (ctx, { request }) => {
  const { changed } = await setKillSwitch(ctx, SetKillSwitchInput.parse(await readJson(request)));
  return answer({ data: { changed, ...(await readKillSwitch(ctx.db)) } });
});
