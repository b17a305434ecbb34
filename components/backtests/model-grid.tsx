"use client";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type MouseEvent, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";

import { DAY_LETTERS, type DayStatus } from "#lib/backtests/fields";

const OF_LETTER = Object.fromEntries(Object.entries(DAY_LETTERS).map(([status, letter]) => [letter, status])) as Record<string, DayStatus>;
/** The marks of the command line: letters cost a year of days less than drawings do. */
const MARKS: Record<DayStatus, string> = { pending: "○", running: "↻", completed: "✓", failed: "✗", skipped: "–", cancelled: "■" };
const COLOURS: Record<DayStatus, string> = { pending: "text-pending", running: "text-running", completed: "text-completed", failed: "text-failed", skipped: "text-skipped", cancelled: "text-cancelled" };

export type GridRow = { model: string; /** A letter for each date. */ letters: string; /** Return of each date in percent, null without one. */ returns: (number | null)[] };

/**
 * Models down, dates across, a mark each; Enter or a click opens the day. One stop of the Tab key: arrows, Home and End move
 * within.
 */
export function ModelGrid({ path, dates, rows, chosen }: { path: string; dates: string[]; rows: GridRow[]; chosen: { model: string | null; date: string | null } }) {
  const router = useRouter();
  const grid = useRef<HTMLTableElement>(null);
  const [focus, setFocus] = useState({ row: 0, column: 0 });

  function move(event: KeyboardEvent) {
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -dates.length], End: [0, dates.length] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
    const next = { row: clamp(focus.row + step[0], rows.length - 1), column: clamp(focus.column + step[1], dates.length - 1) };
    setFocus(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`)?.focus();
  }

  /** Thousands of links of the framework would be slow to draw: these are plain, and opened here. */
  function open(event: MouseEvent<HTMLAnchorElement>) {
    const href = event.currentTarget.getAttribute("href");
    if (!href || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    router.push(href as Route, { scroll: false });
  }

  return (
    <div className="overflow-x-auto pb-3">
      <table ref={grid} aria-label="Models by date" className="w-max border-collapse">
        <thead className="text-xs text-ink-soft">
          <tr>
            <th scope="col" className="sticky left-0 z-10 h-6 min-w-34 bg-ground pl-4 text-left align-bottom font-normal sm:min-w-44 sm:pl-6">Model</th>
            {dates.map((date, at) => (
              <th key={date} scope="col" aria-label={date} className="w-6 max-w-6 text-left align-bottom font-normal whitespace-nowrap">
                {isLabelled(dates, at) && <span className="pl-0.5">{date.slice(5)}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ model, letters, returns }, row) => (
            <tr key={model}>
              <th scope="row" title={model} className="sticky left-0 z-10 max-w-44 truncate bg-ground pr-2 pl-4 text-left text-sm font-normal sm:pl-6">{model}</th>
              {dates.map((date, column) => {
                const status = OF_LETTER[letters[column] ?? "p"] ?? "pending";
                const change = returns[column];
                const told = `${date}, ${model}: ${status}${change == null ? "" : `, ${change > 0 ? "+" : ""}${change.toFixed(2)} %`}`;
                return (
                  <td key={date} className="size-6 p-0">
                    <a
                      href={`${path}?date=${date}&model=${encodeURIComponent(model)}`}
                      data-cell={`${row}-${column}`}
                      tabIndex={focus.row === row && focus.column === column ? 0 : -1}
                      onFocus={() => setFocus({ row, column })}
                      onKeyDown={move}
                      onClick={open}
                      aria-label={told}
                      title={told}
                      aria-current={chosen.model === model && chosen.date === date ? "true" : undefined}
                      className={classNames("flex size-6 items-center justify-center rounded-sm text-sm hover:bg-hover aria-[current=true]:bg-accent-wash aria-[current=true]:outline-2 aria-[current=true]:outline-accent", COLOURS[status])}
                    >
                      {MARKS[status]}
                    </a>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The first date, and then the first of each week that has room for its name. */
function isLabelled(dates: string[], at: number): boolean {
  if (at === 0) return true;
  const week = (date = "") => Math.floor((Date.parse(`${date}T00:00:00Z`) / 86_400_000 + 3) / 7);
  return week(dates[at]) !== week(dates[at - 1]) && at >= 3;
}
