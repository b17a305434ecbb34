"use client";
import { AlignLeft, ChevronDown, ChevronUp, FoldVertical, List, ListTree, Maximize2, Route, UnfoldVertical, ZoomIn, ZoomOut } from "lucide-react";
import { SHOWN, SHOWN_ORDER } from "#components/trace/shown-mark";
import type { Zoom } from "#components/trace/use-zoom";
import { StatusIcon } from "#components/runs/status-mark";
import { Button } from "#components/ui/button";
import { IconButton } from "#components/ui/icon-button";
import { formatCount } from "#lib/format/number";
import type { Shown, TraceFilter } from "#lib/trace/rules";

export const VIEWS = ["waterfall", "tree", "list"] as const;
export type View = (typeof VIEWS)[number];
const VIEW_WORDS: Record<View, { word: string; icon: typeof List }> = { waterfall: { word: "Waterfall", icon: AlignLeft }, tree: { word: "Tree", icon: ListTree }, list: { word: "List", icon: List } };

type TraceBarProps = {
  view: View;
  onView: (view: View) => void;
  counts: Record<Shown, number>;
  filter: TraceFilter;
  onFilter: (filter: TraceFilter) => void;
  zoom: Zoom;
  showsCritical: boolean;
  onCritical: (shows: boolean) => void;
  onError: (back: boolean) => void;
  onFoldAll: (folds: boolean) => void;
};

/** How the trace is looked at: which view, which steps, which part of the time, and the way to the errors. */
export function TraceBar({ view, onView, counts, filter, onFilter, zoom, showsCritical, onCritical, onError, onFoldAll }: TraceBarProps) {
  const failed = counts.error + counts.lost;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-2 sm:px-6">
      <fieldset aria-label="View" className="flex rounded-md border border-line-strong/60 p-px">
        {VIEWS.map((one) => {
          const { word, icon: Icon } = VIEW_WORDS[one];
          return (
            <Button key={one} look="quiet" size="sm" aria-pressed={view === one} onClick={() => onView(one)} className={view === one ? "bg-accent-wash text-accent" : undefined}>
              <Icon aria-hidden className="size-3.5" /> {word}
            </Button>
          );
        })}
      </fieldset>
      <fieldset aria-label="Steps by status" className="flex min-w-0 flex-wrap items-center gap-1">
        {SHOWN_ORDER.filter((shown) => counts[shown] > 0 || filter.statuses.has(shown)).map((shown) => {
          const isOn = filter.statuses.has(shown);
          return (
            <Button key={shown} size="sm" aria-pressed={isOn} title={SHOWN[shown].means} onClick={() => onFilter({ ...filter, statuses: toggled(filter.statuses, shown) })} className={isOn ? "bg-accent-wash outline outline-accent" : undefined}>
              <StatusIcon status={SHOWN[shown].as} className="size-3.5" /> {SHOWN[shown].word} <span className="text-ink-soft">{formatCount(counts[shown])}</span>
            </Button>
          );
        })}
      </fieldset>
      <input
        type="search"
        aria-label="Search steps by name"
        placeholder="Search steps"
        value={filter.q}
        onChange={(event) => onFilter({ ...filter, q: event.target.value })}
        className="h-7 w-40 min-w-28 rounded-md border border-line-strong bg-surface px-2 text-sm placeholder:text-ink-soft max-sm:flex-1"
      />
      {failed > 0 && (
        <fieldset aria-label="Errors" className="flex items-center gap-1">
          <Button size="sm" onClick={() => onError(false)} title="Next error (e)">
            <ChevronDown aria-hidden className="size-3.5" /> Next error
          </Button>
          <IconButton label="Previous error (E)" onClick={() => onError(true)}><ChevronUp aria-hidden className="size-4" /></IconButton>
        </fieldset>
      )}
      <div className="ml-auto flex items-center gap-0.5">
        {view !== "list" && (
          <>
            <IconButton label="Fold all" onClick={() => onFoldAll(true)}><FoldVertical aria-hidden className="size-4" /></IconButton>
            <IconButton label="Unfold all" onClick={() => onFoldAll(false)}><UnfoldVertical aria-hidden className="size-4" /></IconButton>
          </>
        )}
        {view === "waterfall" && (
          <>
            <IconButton label="Critical path: what decided how long it took" aria-pressed={showsCritical} onClick={() => onCritical(!showsCritical)}><Route aria-hidden className="size-4" /></IconButton>
            <IconButton label="Zoom in (+)" onClick={() => zoom.by(0.5)}><ZoomIn aria-hidden className="size-4" /></IconButton>
            <IconButton label="Zoom out (-)" disabled={!zoom.isZoomed} onClick={() => zoom.by(2)}><ZoomOut aria-hidden className="size-4" /></IconButton>
            <IconButton label="Show the whole time (0)" disabled={!zoom.isZoomed} onClick={zoom.reset}><Maximize2 aria-hidden className="size-4" /></IconButton>
          </>
        )}
      </div>
    </div>
  );
}

function toggled(statuses: ReadonlySet<Shown>, shown: Shown): Set<Shown> {
  const next = new Set(statuses);
  if (!next.delete(shown)) next.add(shown);
  return next;
}
