import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { getAgentSwitches, readAgentSwitches, setAgentSwitch, SetAgentSwitchInput } from "#lib/pipelines/trading/desk";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Which agents take part. */
export const GET = route(async (ctx) => answer({ data: await getAgentSwitches(ctx) }));

/** Switches one of them. */
export const PUT = route(async (ctx, { request }) => {
  const { changed } = await setAgentSwitch(ctx, SetAgentSwitchInput.parse(await readJson(request)));
  return answer({ data: { changed, ...(await readAgentSwitches(ctx.db)) } });
});
