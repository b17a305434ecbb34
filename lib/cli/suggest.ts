/** What other programs call our verbs. */
const SYNONYMS: Record<string, string> = { list: "ls", get: "show", inspect: "show", describe: "show", stop: "cancel", kill: "cancel", tail: "watch", follow: "watch", trigger: "run", serve: "web" };

/** The name among `known` that `given` was probably meant to be, or null when none is near. */
export function nearest(given: string, known: readonly string[]): string | null {
  const word = given.toLowerCase();
  const synonym = SYNONYMS[word];
  if (synonym && known.includes(synonym)) return synonym;
  const ranked = known
    .map((name) => ({ name, distance: name.startsWith(word) && word.length > 1 ? 0.5 : editDistance(word, name.toLowerCase()) }))
    // Of two that are equally near, the one of the same length: a wrong letter is commoner than a missing one.
    .sort((a, b) => a.distance - b.distance || Math.abs(a.name.length - word.length) - Math.abs(b.name.length - word.length));
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(given.length / 3)) ? best.name : null;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
 * (optimal string alignment; Damerau, "A technique for computer detection and correction of spelling errors", 1964).
 */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** ` Did you mean runs ls?`, or nothing. */
export function didYouMean(given: string, known: readonly string[], print: (name: string) => string = (name) => name): string {
  const name = nearest(given, known);
  return name === null ? "" : ` Did you mean ${print(name)}?`;
}
