import { TriangleAlert } from "lucide-react";
import type { Warning } from "#lib/trace/queries";

/** What a run warned of, without having failed over it. */
export function Warnings({ warnings, isCut }: { warnings: Warning[]; isCut: boolean }) {
  if (warnings.length === 0) return null;
  const count = isCut ? `More than ${warnings.length}` : warnings.length;
  return (
    <details className="mx-4 mb-4 rounded-md border border-partial/50 bg-partial-wash text-sm sm:mx-6">
      <summary className="flex min-h-9 list-none items-center gap-2 px-3 font-medium [&::-webkit-details-marker]:hidden">
        <TriangleAlert aria-hidden className="size-4 shrink-0 text-partial" />
        {count} {warnings.length === 1 && !isCut ? "warning" : "warnings"}
      </summary>
      <ul className="max-h-64 overflow-y-auto border-t border-partial/40 px-3 py-2 font-mono text-xs leading-5">
        {warnings.map(({ line, unitSeq }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines may repeat, and never change places
          <li key={index} dir="auto" className="[overflow-wrap:anywhere]">
            {unitSeq !== null && <span className="text-ink-soft">unit {unitSeq}: </span>}
            {line}
          </li>
        ))}
        {isCut && <li className="font-sans text-ink-soft">The live output has the rest.</li>}
      </ul>
    </details>
  );
}
