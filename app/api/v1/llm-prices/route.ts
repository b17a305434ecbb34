import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { addPrice, AddPriceInput } from "#lib/llm-prices/mutations";
import { listPrices } from "#lib/llm-prices/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Every price there has been, with the moment from which it holds. */
export const GET = route(async (ctx) => answer({ data: await listPrices(ctx) }));

export const POST = route(async (ctx, { request }) => answer({ data: await addPrice(ctx, AddPriceInput.parse(await readJson(request))) }, { status: 201 }));
