import { z } from "zod";

/** Which steps the address asks for. Total, as every address here. */
export const StepsShown = z
  .object({ steps: z.literal("error").optional().catch(undefined), after: z.coerce.number().int().min(0).max(2_147_483_646).catch(0).default(0) })
  .transform(({ steps, after }) => ({ onlyErrors: steps === "error", after }));
