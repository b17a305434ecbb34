/** The rows of a table on their way to the browser. Pure, isomorphic, no nouns. */

/**
 * Rows as one text: their keys, then the values of each. React looks at each value that a page hands to the browser, once as it
 * writes it down and once as it draws the table from what it has written; a text it passes on as it is.
 */
export type Packed<Row> = string & { readonly rows?: Row[] };

/** @param rows all with the same keys */
export function pack<Row extends object>(rows: Row[]): Packed<Row> {
  const keys = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  return JSON.stringify([keys, ...rows.map((row) => keys.map((key) => row[key]))]);
}

type DatesOf<Row> = { [Key in keyof Row]: Date extends Row[Key] ? Key : never }[keyof Row];

/** @param dates which of their values are dates, that the text has as ISO 8601 */
export function unpack<Row extends object>(packed: Packed<Row>, dates: readonly DatesOf<Row>[]): Row[] {
  const [keys, ...lines] = JSON.parse(packed) as [(keyof Row)[], ...unknown[][]];
  return lines.map((values) => {
    const row = Object.fromEntries(keys.map((key, index) => [key, values[index]])) as Row;
    for (const key of dates) if (row[key] !== null) row[key] = new Date(row[key] as string) as Row[typeof key];
    return row;
  });
}
