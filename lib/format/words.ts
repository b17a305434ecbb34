const ENDINGS: Record<string, string> = { yses: "ysis", ies: "y", es: "", s: "" };

/**
 * What pipelines call their items and rows, an English plural, where there is one of them: the first noun that ends like a plural
 * loses its ending. `analyses`: `analysis`; `simulated days`: `simulated day`; `messages searched`: `message searched`.
 */
export const singularOf = (plural: string): string =>
  plural.replace(/\b([a-z-]+?)(yses|ies|(?<=ss|x|sh|[tnr]ch)es|(?<![sui])s)\b/i, (_, stem: string, ending: string) => `${stem}${ENDINGS[ending.toLowerCase()]}`);
