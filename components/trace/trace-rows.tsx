"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { GridHead, GridRow, GridRows } from "#components/trace/grid-parts";
import { GRIDS, NodeRow } from "#components/trace/node-row";
import { TimeAxis } from "#components/trace/time-axis";
import { useWheelZoom, type Zoom } from "#components/trace/use-zoom";
import { css } from "#components/ui/css";
import type { Trace, TraceNode } from "#lib/trace/rules";

export const ROW_PX = 28;
/** Rows that a server draws, and a browser before it knows its height. */
export const FIRST_RECT = { width: 1_000, height: 320 };

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
  const virtualizer = useVirtualizer({ count: nodes.length, getScrollElement: () => box, estimateSize: () => ROW_PX, overscan: 4, initialRect: FIRST_RECT, getItemKey: (index) => nodes[index]?.key ?? index, scrollPaddingStart: ROW_PX });
  const latest = useRef(nodes);
  latest.current = nodes;
  useWheelZoom(view === "waterfall" ? box : null, zoom);

  // What the address names may come with the rest of the trace.
  const isThere = selected !== null && nodes.some(({ key }) => key === selected);
  useEffect(() => {
    if (isThere && box) virtualizer.scrollToIndex(latest.current.findIndex(({ key }) => key === selected), { align: "auto" });
  }, [isThere, selected, box, virtualizer]);

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
    switch (event.key) {
      case "ArrowDown":
        moveTo(at + 1);
        break;
      case "ArrowUp":
        moveTo(at < 0 ? 0 : at - 1);
        break;
      case "PageDown":
        moveTo(at + pageRows);
        break;
      case "PageUp":
        moveTo(at - pageRows);
        break;
      case "Home":
        moveTo(0);
        break;
      case "End":
        moveTo(nodes.length - 1);
        break;
      case "Enter":
      case " ":
        if (node) onSelect(node.key);
        break;
      case "ArrowRight":
        if (event.shiftKey) zoom.pan(0.2);
        else if (node && node.size > 1 && folded.has(node.key)) onToggle(node.key);
        else moveTo(at + 1);
        break;
      case "ArrowLeft":
        if (event.shiftKey) zoom.pan(-0.2);
        else if (node && node.size > 1 && !folded.has(node.key)) onToggle(node.key);
        else moveTo(nodes.slice(0, Math.max(0, at)).findLastIndex(({ depth }) => depth < (node?.depth ?? 0)));
        break;
      case "+":
      case "=":
        zoom.by(0.5);
        break;
      case "-":
        zoom.by(2);
        break;
      case "0":
        zoom.reset();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  return (
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
      <GridRows className="sticky top-0 z-10 bg-ground">
        <GridRow aria-rowindex={1} className={classNames(GRIDS[view], "h-7 items-center border-b text-xs font-semibold text-ink-soft")}>
          <GridHead className="pl-4 sm:pl-6">Name</GridHead>
          {view === "waterfall" ? (
            <GridHead className="h-full border-l">
              <span className="sr-only">Time</span>
              <TimeAxis zoom={zoom} />
            </GridHead>
          ) : (
            <>
              <GridHead className="max-sm:hidden">Status</GridHead>
              <GridHead className="pr-2 text-right max-sm:hidden">Inside</GridHead>
              <GridHead className="pr-2 text-right max-sm:hidden">Began</GridHead>
            </>
          )}
          <GridHead className={classNames("pr-2 text-right sm:pr-3", view === "waterfall" && "max-sm:sr-only")}>Duration</GridHead>
        </GridRow>
      </GridRows>
      <GridRows className="relative" {...css({ height: virtualizer.getTotalSize() })}>
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
                place={{ height: ROW_PX, transform: `translateY(${start}px)` }}
                onToggle={() => onToggle(node.key)}
                onSelect={() => {
                  setActive(node.key);
                  onSelect(node.key);
                }}
              />
            )
          );
        })}
      </GridRows>
    </div>
  );
}
