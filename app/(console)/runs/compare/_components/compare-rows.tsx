"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight, Milestone } from "lucide-react";
import { useRef, useState } from "react";
import { IoDiff, useIo } from "#components/trace/step-io";
import { FIRST_RECT } from "#components/trace/trace-rows";
import { StatusIcon } from "#components/runs/status-mark";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { css } from "#components/ui/css";
import { Skeleton } from "#components/ui/skeleton";
import type { StepStatus } from "#lib/db/generated/enums";
import type { ComparedStep, ComparedUnit, CompareRow, Divergence } from "#lib/compare/rules";
import { formatDuration } from "#lib/format/duration";
import { countOf, formatCount } from "#lib/format/number";
import type { RunStatus } from "#lib/runs/rules";

const ROW_PX = 33;
const STEP_AS: Record<StepStatus, RunStatus> = { ok: "completed", skip: "skipped", error: "failed" };
const WORDS: Record<Divergence, string> = { "only a": "only left", "only b": "only right", status: "status", error: "error", input: "input", output: "output", items: "items" };
const GRID = "grid grid-cols-[minmax(0,3fr)_minmax(0,1fr)_minmax(0,1fr)] md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)_minmax(0,2fr)_minmax(0,2fr)]";

/** Both runs row by row. A step opens to show what of its input and output is not the same. */
export function CompareRows({ a, b, rows, divergence }: { a: number; b: number; rows: CompareRow[]; divergence: number | null }) {
  const box = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<number | null>(null);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const shown = rows.map((_, index) => index).filter((index) => !onlyDifferent || (rows[index]?.differs.length ?? 0) > 0);
  const virtualizer = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10, initialRect: FIRST_RECT, getItemKey: (index) => shown[index] ?? index });
  const differing = rows.filter(({ differs }) => differs.length > 0).length;

  function goToDivergence() {
    if (divergence === null) return;
    virtualizer.scrollToIndex(shown.indexOf(divergence), { align: "center" });
    setOpen(rows[divergence]?.kind === "step" ? divergence : null);
  }

  if (rows.length === 0) return <p className="px-4 pb-5 text-ink-soft sm:px-6">Neither run has recorded a unit or a step.</p>;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 px-4 pb-2 sm:px-6">
        <p role="status" className="text-sm">{divergence === null ? "They never part: every step has the same status, input and output." : `${formatCount(differing)} of ${formatCount(rows.length)} rows differ.`}</p>
        {divergence !== null && (
          <>
            <Button size="sm" onClick={goToDivergence}>
              <Milestone aria-hidden className="size-3.5" /> Go to where they part
            </Button>
            <label className="flex min-h-7 items-center gap-2 text-sm">
              <input type="checkbox" checked={onlyDifferent} onChange={(event) => setOnlyDifferent(event.target.checked)} className="size-4 accent-accent" />
              Only what differs
            </label>
          </>
        )}
      </div>
      <div aria-hidden className={classNames(GRID, "border-y bg-ground px-4 py-1 text-xs font-semibold text-ink-soft sm:px-6")}>
        <span>Name</span>
        <span>#{a}</span>
        <span>#{b}</span>
        <span className="max-md:hidden">Differs in</span>
      </div>
      <section
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Rows side by side"
        className="max-h-[70dvh] overflow-x-hidden overflow-y-auto border-b focus-visible:-outline-offset-2"
      >
        <ol className="relative text-sm" {...css({ height: virtualizer.getTotalSize() })}>
          {virtualizer.getVirtualItems().map((item) => {
            const index = shown[item.index] ?? 0;
            const row = rows[index];
            return (
              <li key={item.key} ref={virtualizer.measureElement} data-index={item.index} aria-setsize={shown.length} aria-posinset={item.index + 1} className="absolute inset-x-0 top-0 border-b" {...css({ transform: `translateY(${item.start}px)` })}>
                {row && <Row a={a} b={b} row={row} isFirst={index === divergence} isOpen={open === index} onToggle={() => setOpen(open === index ? null : index)} />}
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}

function Row({ a, b, row, isFirst, isOpen, onToggle }: { a: number; b: number; row: CompareRow; isFirst: boolean; isOpen: boolean; onToggle: () => void }) {
  const name = row.a?.name ?? row.b?.name ?? "";
  const other = row.a && row.b && row.a.name !== row.b.name ? row.b.name : null;
  const canOpen = row.kind === "step" && row.a !== null && row.b !== null;
  const said = [...(isFirst ? ["they part here"] : []), ...row.differs.map((part) => WORDS[part])].join(", ");
  return (
    <div className={classNames(row.differs.some((part) => part !== "input" && part !== "output" && part !== "items") && "bg-partial-wash", isFirst && "border-l-4 border-partial")}>
      <div className={classNames(GRID, "min-h-8 items-center gap-x-2 px-4 sm:px-6", row.kind === "unit" && "font-medium")}>
        <span className="flex min-w-0 items-center gap-1" {...css({ paddingLeft: row.kind === "step" ? 16 : 0 })}>
          {canOpen ? (
            <button type="button" aria-expanded={isOpen} onClick={onToggle} className="flex min-h-6 min-w-0 items-center gap-1 text-left hover:underline">
              <ChevronRight aria-hidden className={classNames("size-3.5 shrink-0 text-ink-soft", isOpen && "rotate-90")} />
              <bdi className="truncate">{name}</bdi>
            </button>
          ) : (
            <span className="min-w-0 truncate pl-4.5"><bdi>{name}</bdi>{other && <> <span className="text-ink-soft">beside</span> <bdi>{other}</bdi></>}</span>
          )}
        </span>
        <Side row={row} side={row.a} />
        <Side row={row} side={row.b} />
        <span className={classNames("truncate text-ink-soft max-md:col-span-3 max-md:pl-5 max-md:empty:hidden", isFirst && "font-medium text-partial")}>{said}</span>
      </div>
      {isOpen && row.kind === "step" && row.a && row.b && (
        <div className="border-t bg-ground px-4 py-3 sm:px-10">
          <StepDifference left={{ runId: a, seq: row.a.seq }} right={{ runId: b, seq: row.b.seq }} />
        </div>
      )}
    </div>
  );
}

function Side({ row, side }: { row: CompareRow; side: ComparedUnit | ComparedStep | null }) {
  if (!side) return <span className="text-ink-soft">not there</span>;
  const as = row.kind === "step" ? STEP_AS[side.status as StepStatus] : (side.status as RunStatus);
  const items = "itemsDone" in side && side.kind === "work" ? `${countOf(side.itemsDone, "item")}${side.itemsFailed > 0 ? `, ${formatCount(side.itemsFailed)} failed` : ""}` : null;
  const cost = "costUsd" in side && side.costUsd !== null ? `$${side.costUsd.toPrecision(2)}` : null;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <StatusIcon status={as} className="size-3.5" />
      <span className="sr-only">{side.status} </span>
      <span>{side.durationMs === null ? "–" : formatDuration(side.durationMs)}</span>
      {(items ?? cost) && <span className="truncate font-normal text-ink-soft max-md:hidden">{items ?? cost}</span>}
    </span>
  );
}

function StepDifference({ left, right }: { left: { runId: number; seq: number }; right: { runId: number; seq: number } }) {
  const { io, isHidden, fault, retry } = useIo(right);
  if (isHidden) return <HiddenPayload label="Input and output" />;
  if (fault) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-2 text-failed">
        {fault}
        <Button size="sm" onClick={retry}>Try again</Button>
      </p>
    );
  }
  if (!io) return <Skeleton className="h-16 w-full" />;
  return (
    <div className="flex flex-col gap-3">
      <IoDiff now={io} other={left} otherName={`#${left.runId} step ${left.seq}`} nowName={`#${right.runId} step ${right.seq}`} />
    </div>
  );
}
