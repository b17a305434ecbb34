/** What differs between two texts, line by line. Pure, isomorphic. */

export type DiffLine = { kind: "same" | "removed" | "added"; text: string };

/** Past so many differing lines on a side they are told as one block: the table of all pairs would take memory by its square. */
const MAX_LINES = 1_500;

/** Every line of both, in order; by a longest common subsequence (dynamic programming), after what both begin and end with. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const of = (kind: DiffLine["kind"], lines: string[]) => lines.map((text): DiffLine => ({ kind, text }));
  return [...of("same", a.slice(0, head)), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...of("same", a.slice(a.length - tail))];
}

function middle(a: string[], b: string[]): DiffLine[] {
  if (a.length > MAX_LINES || b.length > MAX_LINES) return [...a.map((text): DiffLine => ({ kind: "removed", text })), ...b.map((text): DiffLine => ({ kind: "added", text }))];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? (longest[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push({ kind: "same", text: a[i++] ?? "" }), (j += 1);
    else if (i < a.length && (j >= b.length || (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) lines.push({ kind: "removed", text: a[i++] ?? "" });
    else lines.push({ kind: "added", text: b[j++] ?? "" });
  }
  return lines;
}

/** The lines with `around` same ones beside each difference; what is left out between is a number. */
export function foldSame(lines: DiffLine[], around = 3): (DiffLine | number)[] {
  const keeps = lines.map(() => false);
  for (const [at, { kind }] of lines.entries()) if (kind !== "same") keeps.fill(true, Math.max(0, at - around), Math.min(lines.length, at + around + 1));
  const folded: (DiffLine | number)[] = [];
  for (const [at, line] of lines.entries()) {
    if (keeps[at]) folded.push(line);
    else if (typeof folded.at(-1) === "number") folded[folded.length - 1] = (folded.at(-1) as number) + 1;
    else folded.push(1);
  }
  return folded;
}
