"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { ShownMark } from "#components/trace/shown-mark";
import { FIRST_RECT } from "#components/trace/trace-rows";
import { css } from "#components/ui/css";
import { formatDuration } from "#lib/format/duration";
import { shownStatus, type Trace } from "#lib/trace/rules";

const ROW_PX = 32;
const CELL = "truncate border-b px-2 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const HEAD = "sticky top-0 z-10 h-8 border-b bg-ground px-2 text-left text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

/** Steps as a table, in the order in which they began or the longest first. `rows` are indexes into the trace's steps. */
export function StepTable({ trace, rows, selected, onSelect }: { trace: Trace; rows: number[]; selected: number | null; onSelect: (seq: number) => void }) {
  const [isLongestFirst, setLongestFirst] = useState(false);
  const box = useRef<HTMLElement>(null);
  const { steps } = trace;
  const ordered = useMemo(() => (isLongestFirst ? rows.toSorted((a, b) => (steps.durationMs[b] ?? 0) - (steps.durationMs[a] ?? 0) || a - b) : rows), [rows, steps, isLongestFirst]);
  const unitNames = useMemo(() => new Map(trace.units.map(({ seq, name }) => [seq, name])), [trace.units]);
  const virtualizer = useVirtualizer({ count: ordered.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 4, initialRect: FIRST_RECT, scrollPaddingStart: ROW_PX });
  const latest = useRef(ordered);
  latest.current = ordered;

  useEffect(() => {
    const row = selected === null ? -1 : latest.current.findIndex((index) => steps.seq[index] === selected);
    if (row >= 0) virtualizer.scrollToIndex(row, { align: "auto" });
  }, [selected, steps, virtualizer]);

  /** Up and down go from one step to the next and open it, wherever in the table the focus is. */
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const at = ordered.findIndex((index) => steps.seq[index] === selected);
    const next = ordered[Math.min(ordered.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))];
    if (next !== undefined) onSelect(steps.seq[next] ?? 0);
  }

  const items = virtualizer.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = Math.max(0, virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0));
  return (
    <section
      ref={box}
      aria-label="List of steps"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="max-h-[70dvh] overflow-x-hidden overflow-y-auto border-y focus-visible:-outline-offset-2"
    >
      <table aria-label="Steps" aria-rowcount={ordered.length + 1} className="w-full table-fixed border-separate border-spacing-0 text-sm">
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={classNames(HEAD, "w-16 text-right sm:w-20")}>Step</th>
            <th scope="col" className={classNames(HEAD, "w-24")}>Status</th>
            <th scope="col" className={HEAD}>Name</th>
            <th scope="col" className={classNames(HEAD, "w-1/4 max-md:hidden")}>Unit</th>
            <th scope="col" className={classNames(HEAD, "w-24 text-right max-sm:hidden")}>Began</th>
            <th scope="col" aria-sort={isLongestFirst ? "descending" : undefined} className={classNames(HEAD, "w-24 text-right sm:w-28")}>
              <button type="button" onClick={() => setLongestFirst(!isLongestFirst)} title={isLongestFirst ? "In the order in which they began" : "The longest first"} className="inline-flex min-h-6 items-center gap-1 hover:text-ink hover:underline">
                Duration {isLongestFirst && <ArrowDown aria-hidden className="size-3" />}
              </button>
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} />}
          {items.map(({ index }) => {
            const row = ordered[index] ?? 0;
            const seq = steps.seq[row] ?? 0;
            const attempt = steps.attempt[row] ?? 1;
            const durationMs = steps.durationMs[row] ?? -1;
            return (
              <tr key={seq} aria-rowindex={index + 2} aria-selected={selected === seq} {...css({ height: ROW_PX })} onClick={() => onSelect(seq)} className="cursor-pointer hover:bg-hover aria-selected:bg-accent-wash">
                <td className={classNames(CELL, "text-right font-mono text-ink-soft")}>{seq}</td>
                <td className={CELL}><ShownMark shown={shownStatus(trace, row)} /></td>
                <td className={CELL}>
                  <button
                    type="button"
                    aria-current={selected === seq ? "true" : undefined}
                    onClick={(event) => {
                      event.stopPropagation();
                      onSelect(seq);
                    }}
                    className="max-w-full truncate text-left font-medium hover:underline"
                  >
                    <bdi>{trace.names[steps.name[row] ?? 0]}</bdi>
                    {attempt > 1 && <span className="font-normal text-ink-soft"> · try {attempt}</span>}
                  </button>
                </td>
                <td className={classNames(CELL, "text-ink-soft max-md:hidden")}><bdi>{unitNames.get(steps.unit[row] ?? -1) ?? "–"}</bdi></td>
                <td className={classNames(CELL, "text-right text-ink-soft max-sm:hidden")}>+{formatDuration(steps.startMs[row] ?? 0)}</td>
                <td className={classNames(CELL, "text-right")}>{durationMs < 0 ? "–" : formatDuration(durationMs)}</td>
              </tr>
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </tbody>
      </table>
    </section>
  );
}

/** Stands in for the rows that are not there. */
const Spacer = ({ height }: { height: number }) => (
  <tr aria-hidden>
    <td colSpan={6} className="p-0" {...css({ height })} />
  </tr>
);
