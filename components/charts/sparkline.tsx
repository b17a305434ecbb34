/** Counts over time as bars without axes, what failed in red at their foot. Decorative beside its number: `label` says it in words. */
export function Sparkline({ counts, failed, label, className = "h-6 w-full" }: { counts: number[]; failed: number[]; label: string; className?: string }) {
  const most = Math.max(1, ...counts);
  const width = 100 / Math.max(1, counts.length);
  const height = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * 24));
  // Two paths, not 48 rectangles: a page has many of these, and sends each twice (as HTML, and to what comes alive).
  const bar = (index: number, from: number, to: number) => (to - from < 0.05 ? "" : `M${round(index * width)} ${round(24 - to)}h${round(width * 0.8)}V${round(24 - from)}h-${round(width * 0.8)}z`);
  const bars = counts.map((count, index) => ({ all: height(count), bad: Math.min(height(count), height(failed[index] ?? 0)), index }));
  return (
    <svg viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label} className={className}>
      <path d={bars.map(({ all, bad, index }) => bar(index, bad, all)).join("")} className="fill-line-strong/70" />
      <path d={bars.map(({ bad, index }) => bar(index, 0, bad)).join("")} className="fill-failed" />
    </svg>
  );
}

const round = (n: number): number => Math.round(n * 10) / 10;
