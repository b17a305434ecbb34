import { allow } from "#lib/access/rules";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { readAgentSwitches, setAgentSwitch, SetAgentSwitchInput } from "#lib/pipelines/trading/desk";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Which agents take part. */
export const GET = route(async (ctx) => {
  allow(ctx, "runs.read");
  return answer({ data: await readAgentSwitches(ctx.db) });
});

/** Switches one of them. */
export const PUT = route(async (ctx, { request }) => {
  const { changed } = await setAgentSwitch(ctx, SetAgentSwitchInput.parse(await readJson(request)));
  return answer({ data: { changed, ...(await readAgentSwitches(ctx.db)) } });
});
