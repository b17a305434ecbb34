import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent, formatUsd } from "#lib/format/number";
import type { UsageSums } from "#lib/llm-calls/sql/usage";

/** The whole time in figures. What has no price is said, not hidden in a sum. */
export function UsageFigures({ total, days }: { total: UsageSums; days: number }) {
  const unpriced = total.calls - total.priced;
  const figures = [
    { name: "Cost", figure: formatUsd(total.costUsd), note: unpriced > 0 ? `of ${formatCount(total.priced)} calls; ${formatCount(unpriced)} have no price` : `${formatUsd(total.costUsd / days)} a day` },
    { name: "Calls", figure: formatCount(total.calls), note: total.failed + total.cancelled > 0 ? `${formatCount(total.failed)} failed, ${formatCount(total.cancelled)} cancelled` : "none failed" },
    { name: "Input tokens", figure: formatCount(total.inputTokens), note: total.inputTokens > 0 ? `${formatPercent(total.cachedTokens / total.inputTokens)} cached` : null },
    { name: "Output tokens", figure: formatCount(total.outputTokens), note: total.outputTokens > 0 ? `${formatPercent(total.reasoningTokens / total.outputTokens)} reasoning` : null },
    { name: "Time per call", figure: formatDuration(Math.round(total.durationMs / total.calls)), note: "on average" },
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 px-4 py-5 sm:px-6 md:grid-cols-5">
      {figures.map(({ name, figure, note }) => (
        <div key={name}>
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="text-figure font-semibold tabular-nums">{figure}</dd>
          {note && <dd className="text-sm text-ink-soft">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
