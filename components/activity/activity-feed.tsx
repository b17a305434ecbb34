"use client";
import { Activity, ArrowUp, CalendarClock, Eraser, History, Inbox, Pin, Tag, UserRound } from "lucide-react";
import Link from "next/link";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Time } from "#components/layout/clock";
import { StatusIcon } from "#components/runs/status-mark";
import { Button } from "#components/ui/button";
import { ACTIVITY_TYPES } from "#lib/activity/fields";
import type { ActivityFeed as Feed, ActivityRow, ActivityRun } from "#lib/activity/queries";
import { kindOf, sayActivity } from "#lib/activity/rules";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import { isFinal } from "#lib/runs/rules";
import { useActivity } from "./use-activity";

/** How long a new line glows, in milliseconds. */
const GLOW_MS = 800;

/**
 * What happened, newest first, and what happens while the page is open. Nothing moves under the pointer: while it is
 * over the feed new lines wait behind a button.
 *
 * @param props.initial what `getActivityFeed` gave for the same filter; give another `key` with another filter
 * @param props.query what narrows the feed, as a query string for `/api/v1/activity`; empty for everything
 */
export function ActivityFeed({ initial, query = "" }: { initial: Feed; query?: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [isHeld, setHeld] = useHeld(box);
  const { rows, latest, next, isCut, heldBack, fresh, fault, isLoading, release, loadOlder, retry } = useActivity(initial, query, isHeld);
  // Each line was read at its own time: the newest knows best what its run is now. Lines come newest first.
  const runs = new Map(latest.toReversed().flatMap(({ run }) => (run ? [[run.id, run] as const] : [])));

  return (
    <div ref={box} onPointerEnter={({ pointerType }) => setHeld(pointerType === "mouse")} className="@container relative pb-4">
      {isHeld && heldBack > 0 && (
        <div className="sticky top-[calc(var(--top-bar)+var(--filter-bar)+8px)] z-10 flex h-0 justify-center overflow-visible">
          <Button size="sm" look="primary" onClick={release} className="shadow-float">
            <ArrowUp aria-hidden className="size-3.5" />
            {formatCount(heldBack)} new
          </Button>
        </div>
      )}
      {fault && (
        <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-failed-wash px-4 py-1.5 text-failed sm:px-6">
          {fault}
          <Button size="sm" onClick={() => void retry()}>
            Try again
          </Button>
        </p>
      )}
      {rows.length === 0 && <NoActivity isNarrowed={query !== ""} isCut={isCut} />}
      <ul aria-label="Activity">
        {rows.map((row) => (
          <Line key={row.id} row={row} run={row.run && (runs.get(row.run.id) ?? row.run)} isFresh={fresh.has(row.id)} />
        ))}
      </ul>
      {next !== null && (
        <div className="flex flex-wrap items-center gap-x-3 px-4 pt-2 sm:px-6">
          <Button size="sm" onClick={() => void loadOlder()} disabled={isLoading}>
            <History aria-hidden className="size-3.5" />
            {isLoading ? "Loading" : isCut ? "Look further back" : "Older"}
          </Button>
          {isCut && rows.length > 0 && <span className="text-sm text-ink-soft">Little of what happened before belongs to runs that match.</span>}
        </div>
      )}
    </div>
  );
}

/** Whether the pointer is over `box`. React tells of no leaving when what was under the pointer is gone, such as a button that was pressed. */
function useHeld(box: RefObject<HTMLElement | null>): [boolean, (isHeld: boolean) => void] {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (!isHeld) return;
    const look = ({ target }: PointerEvent) => setHeld(target instanceof Node && box.current?.contains(target) === true);
    const leave = () => setHeld(false);
    document.addEventListener("pointerover", look);
    document.documentElement.addEventListener("pointerleave", leave);
    return () => {
      document.removeEventListener("pointerover", look);
      document.documentElement.removeEventListener("pointerleave", leave);
    };
  }, [isHeld, box]);
  return [isHeld, setHeld];
}

function NoActivity({ isNarrowed, isCut }: { isNarrowed: boolean; isCut: boolean }) {
  return (
    <p className="flex items-center gap-2 px-4 py-3 text-ink-soft sm:px-6">
      <Activity aria-hidden className="size-4 shrink-0" />
      {!isNarrowed ? "Nothing has happened yet. Runs that start and end, and what people do, appear here." : isCut ? "None of what happened lately belongs to runs that match the filter." : "No activity of runs that match the filter."}
    </p>
  );
}

function Line({ row, run, isFresh }: { row: ActivityRow; run: ActivityRun | null; isFresh: boolean }) {
  const line = useRef<HTMLLIElement>(null);
  const glows = useRef(isFresh);
  useEffect(() => {
    if (!glows.current || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    glows.current = false;
    line.current?.animate([{ backgroundColor: "var(--accent-wash)" }, {}], { duration: GLOW_MS, easing: "ease-out" });
  }, []);
  const hasEnded = kindOf(row) === "ended";
  const result = hasEnded && run ? resultOf(run) : "";

  return (
    <li ref={line}>
      <Link href={run ? `/runs/${run.id}` : kindOf(row) === "pruned" ? "/runs" : "/control"} prefetch={false} className="flex min-h-8 items-start gap-2.5 px-4 py-1.5 hover:bg-hover focus-visible:-outline-offset-2 sm:px-6">
        <span className="flex h-5 items-center">
          <LineMark row={row} run={run} />
        </span>
        <span className="flex min-w-0 flex-1 flex-wrap gap-x-3">
          <span className="min-w-0 break-words">
            {sayActivity(row)}
            {run && <span className="ml-2 font-mono text-xs text-ink-soft">#{run.id}</span>}
          </span>
          {result && <span className="line-clamp-1 min-w-0 break-all text-ink-soft @max-lg:basis-full">{result}</span>}
        </span>
        <span className="flex shrink-0 flex-wrap justify-end gap-x-4 text-right text-sm text-ink-soft tabular-nums @max-lg:flex-col-reverse">
          {hasEnded && typeof run?.durationMs === "number" && <span className="font-mono text-xs leading-5">{formatDuration(run.durationMs)}</span>}
          <Time date={row.at} className="@lg:min-w-20" />
        </span>
      </Link>
    </li>
  );
}

function LineMark({ row: { type }, run }: { row: ActivityRow; run: ActivityRun | null }) {
  const { kind, mark } = ACTIVITY_TYPES[type];
  if (kind === "triggered") return run?.triggeredBy === "schedule" ? <CalendarClock aria-hidden className="size-4 text-ink-soft" /> : <UserRound aria-hidden className="size-4 text-ink-soft" />;
  if (kind === "annotated") return <Tag aria-hidden className="size-4 text-ink-soft" />;
  if (kind === "pinned") return <Pin aria-hidden className="size-4 text-ink-soft" />;
  if (kind === "pruned") return <Eraser aria-hidden className="size-4 text-ink-soft" />;
  if (kind === "imported") return <Inbox aria-hidden className="size-4 text-ink-soft" />;
  // What started turns for as long as it runs.
  return mark && <StatusIcon status={mark === "running" && (!run || isFinal(run.status)) ? "pending" : mark} />;
}

/** What came of it: the error, what the run decided, or how much it did. */
function resultOf({ errorMessage, outcome, itemsProcessed, itemsFailed }: ActivityRun): string {
  const firstLine = errorMessage?.split("\n", 1)[0];
  if (firstLine) return firstLine;
  if (outcome) return outcome;
  return itemsProcessed + itemsFailed === 0 ? "" : `${formatCount(itemsProcessed)} ${itemsProcessed === 1 ? "item" : "items"}${itemsFailed > 0 ? `, ${formatCount(itemsFailed)} failed` : ""}`;
}
