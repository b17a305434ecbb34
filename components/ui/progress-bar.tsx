import { classNames } from "#components/ui/class-names";
import { css } from "#components/ui/css";

/** How far something is: `ratio` from 0 to 1, or null while the whole is unknown. `label` is what is read aloud. */
export function ProgressBar({ ratio, label, colour = "bg-running" }: { ratio: number | null; label: string; colour?: string }) {
  const percent = ratio === null ? null : Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      className="h-1.5 w-full overflow-hidden rounded-full bg-line"
    >
      <div
        className={classNames("h-full rounded-full transition-[width] duration-150", colour, percent === null && "opacity-40")}
        {...css({ width: `${percent ?? 100}%` })}
      />
    </div>
  );
}
