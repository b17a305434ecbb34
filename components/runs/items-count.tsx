import { formatCount } from "#lib/format/number";

/** Items processed, of how many where that is known, and those that failed. */
export function ItemsCount({ run, word }: { run: { itemsProcessed: number; itemsFailed: number; itemsTotal: number | null }; word?: string }) {
  return (
    <span className="whitespace-nowrap">
      {formatCount(run.itemsProcessed)}
      {run.itemsTotal !== null && run.itemsTotal > run.itemsProcessed + run.itemsFailed && <span className="text-ink-soft"> of {formatCount(run.itemsTotal)}</span>}
      {word && ` ${word}`}
      {run.itemsFailed > 0 && <span className="font-medium text-failed"> · {formatCount(run.itemsFailed)} failed</span>}
    </span>
  );
}
