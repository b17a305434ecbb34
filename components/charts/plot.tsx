"use client";
import type { ReactNode } from "react";

/** The axes of a picture that is drawn in `children`: lines across at `ticks`, from 0 at the foot, and words below. */
export function Plot({ height, ticks, print, words = [], children }: { height: number; ticks: number[]; print: (tick: number) => string; words?: { /** From the left, a ratio. */ at: number; word: string }[]; children: ReactNode }) {
  const top = ticks.at(-1) || 1;
  return (
    <div className="pl-15 pr-1 text-xs text-ink-soft">
      <div className="relative mt-2" style={{ height }}>
        {ticks.map((tick) => (
          <div key={tick} className="absolute inset-x-0 border-t border-line" style={{ bottom: `${(tick / top) * 100}%` }}>
            <span className="absolute right-full -translate-y-1/2 pr-2 whitespace-nowrap">{print(tick)}</span>
          </div>
        ))}
        {children}
      </div>
      {words.length > 0 && (
        <div className="relative h-5 border-t border-line-strong">
          {words.map(({ at, word }, index) => (
            <span key={at} className={`absolute top-1 -translate-x-1/2 whitespace-nowrap ${index % 2 === 1 ? "max-sm:hidden" : ""}`} style={{ left: `${at * 100}%` }}>
              {word}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
