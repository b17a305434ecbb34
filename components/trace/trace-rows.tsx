"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { GRIDS, NodeRow } from "#components/trace/node-row";
import { TimeAxis } from "#components/trace/time-axis";
import { useWheelZoom, type Zoom } from "#components/trace/use-zoom";
import type { Trace, TraceNode } from "#lib/trace/rules";

export const ROW_PX = 28;
/** Rows that a server draws, and a browser before it knows its height. */
export const FIRST_RECT = { width: 1_000, height: 600 };

type TraceRowsProps = {
  trace: Trace;
  nodes: TraceNode[];
  view: keyof typeof GRIDS;
  zoom: Zoom;
  folded: ReadonlySet<string>;
  selected: string | null;
  showsCritical: boolean;
  onToggle: (key: string) => void;
  onSelect: (key: string) => void;
};

const rowId = (key: string): string => `trace-${key}`;

/** The tree of a run, drawn only where it is seen: as bars over time, or with its facts. Arrows, Home, End, Enter, + and − work in it. */
export function TraceRows({ trace, nodes, view, zoom, folded, selected, showsCritical, onToggle, onSelect }: TraceRowsProps) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const virtualizer = useVirtualizer({ count: nodes.length, getScrollElement: () => box, estimateSize: () => ROW_PX, overscan: 12, initialRect: FIRST_RECT, getItemKey: (index) => nodes[index]?.key ?? index, scrollPaddingStart: ROW_PX });
  const latest = useRef(nodes);
  latest.current = nodes;
  useWheelZoom(view === "waterfall" ? box : null, zoom);

  useEffect(() => {
    if (selected === null || !box) return;
    const index = latest.current.findIndex(({ key }) => key === selected);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: "auto" });
  }, [selected, box, virtualizer]);

  const activeKey = active ?? selected;
  const at = nodes.findIndex(({ key }) => key === activeKey);

  function moveTo(index: number) {
    const target = nodes[Math.min(nodes.length - 1, Math.max(0, index))];
    if (!target) return;
    setActive(target.key);
    virtualizer.scrollToIndex(nodes.indexOf(target), { align: "auto" });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodes[at];
    const pageRows = Math.max(1, Math.floor((box?.clientHeight ?? 0) / ROW_PX) - 2);
    const acts: Record<string, () => void> = {
      ArrowDown: () => moveTo(at + 1),
      ArrowUp: () => moveTo(at < 0 ? 0 : at - 1),
      PageDown: () => moveTo(at + pageRows),
      PageUp: () => moveTo(at - pageRows),
      Home: () => moveTo(0),
      End: () => moveTo(nodes.length - 1),
      Enter: () => node && onSelect(node.key),
      " ": () => node && onSelect(node.key),
      ArrowRight: () => (event.shiftKey ? zoom.pan(0.2) : node && node.size > 1 && folded.has(node.key) ? onToggle(node.key) : moveTo(at + 1)),
      ArrowLeft: () => {
        if (event.shiftKey) zoom.pan(-0.2);
        else if (node && node.size > 1 && !folded.has(node.key)) onToggle(node.key);
        else moveTo(nodes.slice(0, Math.max(0, at)).findLastIndex(({ depth }) => depth < (node?.depth ?? 0)));
      },
      "+": () => zoom.by(0.5),
      "=": () => zoom.by(0.5),
      "-": () => zoom.by(2),
      "0": zoom.reset,
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: 50,000 rows, of which a few are there: no table element can do that
    <div
      ref={setBox}
      role="treegrid"
      aria-label={view === "waterfall" ? "Waterfall of units and steps" : "Tree of units and steps"}
      aria-rowcount={nodes.length + 1}
      aria-activedescendant={at >= 0 && activeKey ? rowId(activeKey) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="max-h-[70dvh] overflow-x-hidden overflow-y-auto border-y focus-visible:-outline-offset-2"
    >
      <div role="rowgroup" className="sticky top-0 z-10 bg-ground">
        {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus */}
        <div role="row" aria-rowindex={1} className={classNames(GRIDS[view], "h-7 items-center border-b text-xs font-semibold text-ink-soft")}>
          <Head className="pl-4 sm:pl-6">Name</Head>
          {view === "waterfall" ? (
            <Head className="h-full border-l">
              <span className="sr-only">Time</span>
              <TimeAxis zoom={zoom} />
            </Head>
          ) : (
            <>
              <Head className="max-sm:hidden">Status</Head>
              <Head className="pr-2 text-right max-sm:hidden">Inside</Head>
              <Head className="pr-2 text-right max-sm:hidden">Began</Head>
            </>
          )}
          <Head className={classNames("pr-2 text-right sm:pr-3", view === "waterfall" && "max-sm:sr-only")}>Duration</Head>
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const node = nodes[index];
          return (
            node && (
              <NodeRow
                key={node.key}
                trace={trace}
                node={node}
                view={view}
                window={zoom.window}
                id={rowId(node.key)}
                rowIndex={index + 2}
                isFolded={folded.has(node.key)}
                isSelected={selected === node.key}
                isActive={active === node.key && active !== selected}
                showsCritical={showsCritical}
                style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
                onToggle={() => onToggle(node.key)}
                onSelect={() => {
                  setActive(node.key);
                  onSelect(node.key);
                }}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

const Head = ({ className, children }: { className?: string; children: React.ReactNode }) => (
  // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
  <div role="columnheader" className={className}>
    {children}
  </div>
);
