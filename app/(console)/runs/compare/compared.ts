import { z } from "zod";

const RunNumber = z.string().trim().regex(/^#?[1-9]\d{0,14}$/).transform((text) => Number(text.replace("#", ""))).nullable().catch(null).default(null);

/** Which two runs the address names. Total, as every address here: what is no number is none. */
export const Compared = z.object({ a: RunNumber, b: RunNumber });
