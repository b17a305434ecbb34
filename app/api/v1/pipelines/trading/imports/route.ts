import { z } from "zod";
import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { AppError } from "#lib/errors";
import { importPrices } from "#lib/pipelines/trading/import-prices";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The rest of the address is what `importPrices` takes: it says itself what is wrong with it. */
const ImportRequest = z.object({
  name: z.string().max(500).transform((path) => path.replace(/^.*[\\/]/, "").replace(/[\0-\x1f\x7f]/g, "").trim().slice(0, 255) || "prices.csv").default("prices.csv"),
  symbol: z.string().max(100).optional(),
  timeframe: z.string().max(20).optional(),
  dates: z.enum(["mdy", "dmy"]).optional(),
});

/** Takes a CSV file as it comes: the body is the file. It is parsed while it arrives; bad lines are named in the answer. */
export const POST = route(async (ctx, { request, url }) => {
  const given = ImportRequest.parse(searchRecord(url));
  if (!request.body) throw new AppError("INVALID", "The body is empty: send the CSV file itself.");
  return answer({ data: await importPrices(ctx, request.body, given) }, { status: 201 });
});
