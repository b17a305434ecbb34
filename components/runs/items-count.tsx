import { formatCount } from "#lib/format/number";

type Counted = { itemsProcessed: number; itemsFailed: number; itemsTotal: number | null };

/** `12`, or `12 of 40` while there are more to come. */
export function describeItems({ itemsProcessed, itemsFailed, itemsTotal }: Counted): string {
  const hasMore = itemsTotal !== null && itemsTotal > itemsProcessed + itemsFailed;
  return hasMore ? `${formatCount(itemsProcessed)} of ${formatCount(itemsTotal)}` : formatCount(itemsProcessed);
}

/** The same with its word, as in `1 item`. */
export function itemsInWords(run: Counted): string {
  const text = describeItems(run);
  return `${text} ${/(^|of )1$/.test(text) ? "item" : "items"}`;
}

/** Items processed, of how many where that is known, and those that failed. */
export function ItemsCount({ run, word }: { run: Counted; word?: string }) {
  return (
    <>
      {`${describeItems(run)}${word ? ` ${word}` : ""}`}
      {run.itemsFailed > 0 && <span className="font-medium whitespace-nowrap text-failed">{` · ${formatCount(run.itemsFailed)} failed`}</span>}
    </>
  );
}
