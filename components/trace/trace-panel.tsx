"use client";
import { SearchX } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { isTyping } from "#components/layout/keys";
import { StepPanel } from "#components/trace/step-panel";
import { StepTable } from "#components/trace/step-table";
import { TraceBar, type View, VIEWS } from "#components/trace/trace-bar";
import { TraceRows } from "#components/trace/trace-rows";
import { UnitPanel } from "#components/trace/unit-panel";
import { useTrace } from "#components/trace/use-trace";
import { useZoom } from "#components/trace/use-zoom";
import { Button } from "#components/ui/button";
import { countOf, formatCount } from "#lib/format/number";
import { ancestorsOf, countShown, isFiltered, layTrace, listMatches, nextError, type Trace, type TraceFilter, visibleNodes } from "#lib/trace/rules";

const NO_FILTER: TraceFilter = { statuses: new Set(), q: "" };

/** What the address says: the view, and what is open beside it. Changed without asking the server for the page again. */
function useAddress() {
  const params = useSearchParams();
  const number = (name: string) => (/^\d{1,9}$/.test(params.get(name) ?? "") ? Number(params.get(name)) : null);
  function set(changes: Record<string, string | number | null>) {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, String(value));
    }
    window.history.replaceState(null, "", next.size > 0 ? `?${next}` : window.location.pathname);
  }
  return { view: VIEWS.find((view) => view === params.get("view")) ?? VIEWS[0], step: number("step"), unit: number("unit"), set };
}

type TracePanelProps = {
  runId: number;
  /** What comes with the page: the whole, or its beginning, to be seen until the whole is here. */
  given: Trace;
  isWhole: boolean;
  /** How many steps there are, before they are here. */
  steps: number;
};

/** Everything a run did, as a waterfall, a tree or a list, with what is chosen beside it. */
export function TracePanel({ runId, given, isWhole, steps }: TracePanelProps) {
  const { trace, fault, retry } = useTrace(runId, isWhole ? given : null);
  const note = fault ? (
    <p role="alert" className="flex flex-wrap items-center gap-2 px-4 pb-2 text-sm text-failed sm:px-6">
      {fault} {trace ? "What you see may be out of date." : `What you see is its beginning, of ${countOf(steps, "step")}.`}
      {!trace && <Button size="sm" onClick={retry}>Try again</Button>}
    </p>
  ) : (
    !trace && <p role="status" className="mb-2 flex h-8 items-center px-4 text-sm text-ink-soft max-sm:h-35 sm:px-6">Reading {countOf(steps, "step")}</p>
  );
  return <TraceOf trace={trace ?? given} isWhole={trace !== null} note={note} />;
}

function TraceOf({ trace, isWhole, note }: { trace: Trace; isWhole: boolean; note: ReactNode }) {
  const address = useAddress();
  const [filter, setFilter] = useState(NO_FILTER);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [showsCritical, setShowsCritical] = useState(true);
  const zoom = useZoom(trace.endMs);
  const nodes = useMemo(() => layTrace(trace), [trace]);
  const counts = useMemo(() => countShown(trace), [trace]);
  const isList = address.view === "list";
  const shown = useMemo(() => (isList ? [] : visibleNodes(nodes, folded, trace, filter)), [isList, nodes, folded, trace, filter]);
  const rows = useMemo(() => (isList ? listMatches(trace, filter) : []), [isList, trace, filter]);
  const isEmpty = isFiltered(filter) && (isList ? rows.length === 0 : shown.length === 0);
  const selected = address.step !== null ? `s${address.step}` : address.unit !== null ? `u${address.unit}` : null;

  function openStep(seq: number) {
    const path = new Set(ancestorsOf(nodes, `s${seq}`));
    setFolded((old) => (path.size > 0 && [...path].some((key) => old.has(key)) ? new Set([...old].filter((key) => !path.has(key))) : old));
    address.set({ step: seq, unit: null });
  }

  function goToError(back: boolean) {
    if (!isWhole) return;
    const seq = nextError(trace, address.step, back);
    if (seq === null) return;
    // The way to an error leads through every filter that hides it.
    if (!listMatches(trace, filter).some((index) => trace.steps.seq[index] === seq)) setFilter(NO_FILTER);
    openStep(seq);
  }

  function select(key: string) {
    if (key === selected) return close();
    const isUnit = /^u\d+$/.test(key);
    if (key.startsWith("s")) openStep(Number(key.slice(1)));
    else if (isUnit) address.set({ unit: key.slice(1), step: null });
    else toggle(key);
  }
  const toggle = (key: string) => setFolded((old) => (old.has(key) ? new Set([...old].filter((one) => one !== key)) : new Set([...old, key])));
  const close = () => address.set({ step: null, unit: null });
  const setView = (view: View) => address.set({ view: view === VIEWS[0] ? null : view });

  useErrorKeys(goToError);

  return (
    <>
      {isWhole && (
        <TraceBar
          view={address.view}
          onView={setView}
          counts={counts}
          filter={filter}
          onFilter={setFilter}
          zoom={zoom}
          showsCritical={showsCritical}
          onCritical={setShowsCritical}
          onError={goToError}
          onFoldAll={(folds) => setFolded(new Set(folds ? nodes.flatMap(({ key, kind, size }) => (kind !== "wave" && size > 1 ? key : [])) : []))}
        />
      )}
      {note}
      <div className="lg:flex lg:items-start">
        <div className="min-w-0 flex-1">
          {nodes.length === 0 ? (
            <p className="px-4 pb-4 text-ink-soft sm:px-6">{trace.status === "pending" ? "It has not begun: units and steps appear here as they come." : "Nothing was recorded: it ended before a unit began."}</p>
          ) : isEmpty ? (
            <div className="flex flex-col items-center gap-2 border-y px-4 py-10 text-center text-ink-soft">
              <SearchX aria-hidden className="size-6" />
              <p>No step matches{filter.q && <> “<bdi>{filter.q.slice(0, 60)}</bdi>”</>}{filter.statuses.size > 0 && <> with status {[...filter.statuses].join(" or ")}</>}.</p>
              <Button size="sm" onClick={() => setFilter(NO_FILTER)}>Clear the filter</Button>
            </div>
          ) : isList && trace.steps.seq.length === 0 ? (
            <p className="border-y px-4 py-4 text-ink-soft sm:px-6">No step has been recorded; the units stand in the other views.</p>
          ) : isList ? (
            <StepTable trace={trace} rows={rows} selected={address.step} onSelect={openStep} />
          ) : (
            <TraceRows trace={trace} nodes={shown} view={address.view === "tree" ? "tree" : "waterfall"} zoom={zoom} folded={folded} selected={selected} showsCritical={showsCritical && isWhole} onToggle={toggle} onSelect={select} />
          )}
        </div>
        {address.step !== null && <StepPanel trace={trace} seq={address.step} onClose={close} onSelect={openStep} />}
        {address.step === null && address.unit !== null && <UnitPanel trace={trace} seq={address.unit} onClose={close} />}
      </div>
    </>
  );
}

/** `e` goes to the next error, `E` to the one before. */
function useErrorKeys(goToError: (back: boolean) => void): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      // The second key of `g e` is spoken for.
      if (event.defaultPrevented || isTyping(event) || (event.key !== "e" && event.key !== "E")) return;
      event.preventDefault();
      goToError(event.key === "E");
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [goToError]);
}
