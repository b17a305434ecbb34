"use server";
import { z } from "zod";
import { loadSampleDesk } from "#lib/pipelines/trading/sample-desk";
import { action } from "#lib/web/action";

export const loadSampleDeskAction = action(z.strictObject({}), async (ctx) => {
  const { accountId, bars, symbols } = await loadSampleDesk(ctx);
  return { accountId, bars, symbols };
});
