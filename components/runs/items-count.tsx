import { formatCount } from "#lib/format/number";
import { singularOf } from "#lib/format/words";

type Counted = { itemsProcessed: number; itemsFailed: number; itemsTotal: number | null };

/** `12`, or `12 of 40` while there are more to come. */
export function describeItems({ itemsProcessed, itemsFailed, itemsTotal }: Counted): string {
  const hasMore = itemsTotal !== null && itemsTotal > itemsProcessed + itemsFailed;
  return hasMore ? `${formatCount(itemsProcessed)} of ${formatCount(itemsTotal)}` : formatCount(itemsProcessed);
}

/** The same with what the items are called, a plural, as in `1 item`. */
export function itemsInWords(run: Counted, items = "items"): string {
  const text = describeItems(run);
  return `${text} ${/(^|of )1$/.test(text) ? singularOf(items) : items}`;
}

/** Items processed, of how many where that is known, and those that failed. */
export function ItemsCount({ run, word }: { run: Counted; word?: string }) {
  return (
    <>
      {word ? itemsInWords(run, word) : describeItems(run)}
      {run.itemsFailed > 0 && <span className="font-medium whitespace-nowrap text-failed">{` · ${formatCount(run.itemsFailed)} failed`}</span>}
    </>
  );
}
