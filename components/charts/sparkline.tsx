/** Counts over time as bars without axes, what failed in red at their foot. Decorative beside its number: `label` says it in words. */
export function Sparkline({ counts, failed, label, className = "h-6 w-full" }: { counts: number[]; failed: number[]; label: string; className?: string }) {
  const most = Math.max(1, ...counts);
  const width = 100 / Math.max(1, counts.length);
  const height = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * 24));
  return (
    <svg viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label} className={className}>
      {counts.map((count, index) => {
        const all = height(count);
        const bad = Math.min(all, height(failed[index] ?? 0));
        const x = index * width;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in time
          <g key={index}>
            <rect x={x} y={24 - all} width={width * 0.8} height={all - bad} className="fill-line-strong/70" />
            <rect x={x} y={24 - bad} width={width * 0.8} height={bad} className="fill-failed" />
          </g>
        );
      })}
    </svg>
  );
}
