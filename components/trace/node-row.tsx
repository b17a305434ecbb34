"use client";
import { ChevronRight } from "lucide-react";
import type { CSSProperties } from "react";
import { classNames } from "#components/ui/class-names";
import { GridCell, GridRow } from "#components/trace/grid-parts";
import { NodeIcon, nodeStatus } from "#components/trace/shown-mark";
import type { TimeWindow } from "#components/trace/use-zoom";
import { css } from "#components/ui/css";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import type { Trace, TraceNode } from "#lib/trace/rules";

/** Levels of indentation that are drawn; deeper rows stand at the last. */
const DEPTH_DRAWN = 10;

export const GRIDS = {
  waterfall: "grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_4.5rem]",
  tree: "grid grid-cols-[minmax(0,1fr)_4.5rem] sm:grid-cols-[minmax(0,1fr)_6.5rem_9rem_6rem_4.5rem]",
} as const;

type NodeRowProps = {
  trace: Trace;
  node: TraceNode;
  view: keyof typeof GRIDS;
  window: TimeWindow;
  id: string;
  rowIndex: number;
  isFolded: boolean;
  isSelected: boolean;
  isActive: boolean;
  showsCritical: boolean;
  place: CSSProperties;
  onToggle: () => void;
  onSelect: () => void;
};

const lengthOf = (trace: Trace, { startMs, endMs }: TraceNode): number | null => (startMs === null ? null : Math.max(0, (endMs ?? trace.endMs) - startMs));

/** One row of the tree: its name set in, and beside it its time as a bar, or its facts. */
export function NodeRow(props: NodeRowProps) {
  const { trace, node, view, id, rowIndex, isFolded, isSelected, isActive, place, onToggle, onSelect } = props;
  const canFold = node.size > 1;
  const status = nodeStatus(trace, node);
  const lengthMs = lengthOf(trace, node);
  const isDim = node.kind === "step" ? "" : "font-medium";
  return (
    <GridRow
      id={id}
      aria-level={node.depth + 1}
      aria-rowindex={rowIndex}
      aria-expanded={canFold ? !isFolded : undefined}
      aria-selected={isSelected}
      data-key={node.key}
      onClick={onSelect}
      {...css(place)}
      className={classNames(GRIDS[view], "absolute inset-x-0 top-0 cursor-pointer items-center border-b border-line/60 text-sm hover:bg-hover", isSelected && "bg-accent-wash hover:bg-accent-wash", isActive && "outline-2 -outline-offset-2 outline-accent")}
    >
      <GridCell className={classNames("flex h-full min-w-0 items-center gap-1 overflow-hidden pr-2 pl-1 sm:pl-3", isDim)}>
        <span {...css({ width: Math.min(node.depth, DEPTH_DRAWN) * 12 })} className="shrink-0" />
        {canFold ? (
          <span
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
            className="-m-1 flex size-7 shrink-0 items-center justify-center text-ink-soft hover:text-ink"
          >
            <ChevronRight className={classNames("size-3.5", !isFolded && "rotate-90")} />
          </span>
        ) : (
          <span className="-m-1 w-7 shrink-0" />
        )}
        <NodeIcon trace={trace} node={node} />
        <span className="sr-only">{status.word} </span>
        <bdi className="truncate" title={node.name}>{node.name}</bdi>
        {isFolded && node.errors > 0 && <span className="shrink-0 text-xs font-medium text-failed">{formatCount(node.errors)} {node.errors === 1 ? "error" : "errors"}</span>}
        {isFolded && node.errors === 0 && node.steps > 0 && <span className="shrink-0 text-xs font-normal text-ink-soft">{formatCount(node.steps)}</span>}
      </GridCell>
      {view === "waterfall" ? <Bar {...props} ground={status.ground} /> : <Facts trace={trace} node={node} word={status.word} />}
      <GridCell className={classNames("pr-2 text-right whitespace-nowrap text-ink-soft sm:pr-3", view === "waterfall" && "max-sm:sr-only")}>
        {lengthMs === null ? "–" : formatDuration(lengthMs)}
      </GridCell>
    </GridRow>
  );
}

/** When it was and for how long. What is on the critical path is whole and underlined; what ran beside it is pale. */
function Bar({ trace, node, window, showsCritical, ground }: NodeRowProps & { ground: string }) {
  const span = window.toMs - window.fromMs;
  const start = node.startMs === null ? null : (node.startMs - window.fromMs) / span;
  const width = (lengthOf(trace, node) ?? 0) / span;
  const isSeen = start !== null && start <= 1 && start + width >= 0;
  const isCritical = showsCritical && node.isCritical;
  return (
    <GridCell className="relative h-full overflow-hidden border-l border-line/60">
      <span className="sr-only">
        {node.startMs === null ? "has not begun" : `begins at ${formatDuration(node.startMs)}`}
        {isCritical && ", on the critical path"}
      </span>
      {isSeen && (
        <span
          aria-hidden
          className={classNames("absolute top-1/2 min-w-[3px] -translate-y-1/2 rounded-[2px]", node.kind === "step" ? "h-2.5" : "h-3.5", ground, showsCritical && !isCritical && "opacity-40", node.kind !== "step" && !showsCritical && "opacity-70")}
          {...css({ left: `${Math.max(-1, start) * 100}%`, width: `${Math.min(2, width + Math.min(0, start + 1)) * 100}%` })}
        />
      )}
      {isSeen && isCritical && (
        <span aria-hidden className="absolute bottom-0.5 h-[2px] min-w-[3px] bg-ink" {...css({ left: `${Math.max(0, start) * 100}%`, width: `${Math.min(1, width + Math.min(0, start)) * 100}%` })} />
      )}
    </GridCell>
  );
}

function Facts({ trace, node, word }: { trace: Trace; node: TraceNode; word: string }) {
  const unit = node.kind === "unit" ? trace.units[node.index] : undefined;
  const attempt = node.kind === "step" ? (trace.steps.attempt[node.index] ?? 1) : (unit?.attempt ?? 1);
  return (
    <>
      <GridCell className="truncate text-ink-soft max-sm:hidden">
        {word}
        {attempt > 1 && ` · try ${attempt}`}
        {unit?.retryAt != null && node.kind !== "step" && " · failed, tried again later"}
      </GridCell>
      <GridCell className="truncate pr-2 text-right text-ink-soft max-sm:hidden">
        {unit?.kind === "work" ? (
          <>
            {formatCount(unit.itemsDone)}
            {unit.itemsTotal !== null && ` of ${formatCount(unit.itemsTotal)}`} {(unit.itemsTotal ?? unit.itemsDone) === 1 ? "item" : "items"}
            {unit.itemsFailed > 0 && <span className="text-failed"> · {formatCount(unit.itemsFailed)} failed</span>}
          </>
        ) : node.kind !== "step" && node.steps > 0 ? (
          `${formatCount(node.steps)} ${node.steps === 1 ? "step" : "steps"}`
        ) : null}
      </GridCell>
      <GridCell className="truncate pr-2 text-right text-ink-soft max-sm:hidden">{node.startMs === null ? "–" : `+${formatDuration(node.startMs)}`}</GridCell>
    </>
  );
}
