/** Where a price comes from. Isomorphic. */
export const PRICE_SOURCES = { shipped: "shipped with Penstock", manual: "entered here" } as const;
export type PriceSource = keyof typeof PRICE_SOURCES;

/** US dollars per million tokens, from a moment on, until the next price of the same model. */
export type LlmPrice = {
  id: number;
  model: string;
  /** Host of the endpoint that it is for; null for any. */
  provider: string | null;
  validFrom: Date;
  inputUsd: number;
  /** Null: cached input costs what input does. */
  cachedUsd: number | null;
  outputUsd: number;
  sourceKind: PriceSource;
  source: string;
  createdBy: string | null;
  createdAt: Date;
  /** Whether it is the one that a call would cost now. */
  isCurrent: boolean;
};
