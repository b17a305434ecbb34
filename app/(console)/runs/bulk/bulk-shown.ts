import { z } from "zod";
import { BULK_RESULTS } from "#lib/bulk/fields";

/** Which runs of a set the address asks for. Total, as every address here. */
export const BulkShown = z.object({
  status: z.enum(BULK_RESULTS).optional().catch(undefined),
  cursor: z.coerce.number().int().min(0).max(2_147_483_647).optional().catch(undefined),
});
