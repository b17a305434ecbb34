import { answer, route } from "#lib/api/route";
import { listPrices } from "#lib/llm-prices/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The prices that hold now; /api/v1/llm-prices has the earlier ones too. */
export const GET = route(async (ctx) => answer({ data: (await listPrices(ctx)).filter(({ isCurrent }) => isCurrent) }));
