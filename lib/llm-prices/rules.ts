/** How a model is called in the price table. Pure, isomorphic. */

/** Lower case, without the prefix of a router ("openai/gpt-4o") and a date at the end. */
export const priceName = (model: string): string => model.toLowerCase().replace(/^.*\//, "").replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "").slice(0, 100);
