"use client";
import { Download, Eraser } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { TimeOfDay } from "#components/layout/clock";
import { useLive } from "#components/layout/live";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";

/** A line as JSON carries it. */
type LogLine = { id: number; at: string; level: string; line: string; unitSeq: number | null };

/** Older lines fall off the top past this many: the page stays quick however much a stage has to say. */
const KEPT_LINES = 2_000;
/** Lines asked for at once. */
const ASKED = 500;
/** Rounds of one catching-up: more than we keep need not be read. */
const ROUNDS_MAX = 8;

/**
 * What runs say while they work, newest last. It follows the end unless the reader has scrolled up.
 * `runs` may change while it is open: lines of those that have ended stay.
 */
export function RunLogs({ runs, label, nameRuns = false }: { runs: { id: number; stage: string }[]; label: string; nameRuns?: boolean }) {
  const { beat } = useLive();
  const { lines, fault, clear } = useLogLines(runs, beat);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  useEffect(() => {
    if (lines.length > 0 && follows.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);

  return (
    <div>
      <div
        ref={box}
        role="log"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          follows.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
        className="h-64 overflow-y-auto border-y bg-sunken px-4 py-2 font-mono text-xs leading-5 focus-visible:-outline-offset-2 sm:px-6"
      >
        {lines.length === 0 && <p className="text-ink-soft">{runs.length > 0 ? "No lines yet." : "Nothing is running. Lines of the next run appear here."}</p>}
        {lines.map((line) => (
          <div key={line.id} className="flex gap-3">
            <span className="shrink-0 text-ink-soft">
              <TimeOfDay date={new Date(line.at)} />
            </span>
            {nameRuns && <span className="shrink-0 text-ink-soft">{line.stage}</span>}
            <span className={classNames("min-w-0 break-words whitespace-pre-wrap", line.level === "error" && "text-failed", line.level === "warn" && "text-partial")}>
              {line.level !== "info" && `${line.level}: `}
              {line.line}
            </span>
          </div>
        ))}
      </div>
      <div className="flex min-h-9 items-center justify-between gap-3 px-4 py-1 text-sm text-ink-soft sm:px-6">
        <span role={fault ? "alert" : undefined}>{fault ?? `${lines.length} ${lines.length === 1 ? "line" : "lines"}${lines.length === KEPT_LINES ? ", older ones left out" : ""}`}</span>
        <span className="flex flex-wrap items-center justify-end gap-x-3">
          {!nameRuns && lines.length > 0 && runs.map(({ id }) => <Downloads key={id} runId={id} />)}
          <Button look="quiet" size="sm" onClick={clear} disabled={lines.length === 0}>
            <Eraser aria-hidden className="size-4" /> Clear output
          </Button>
        </span>
      </div>
    </div>
  );
}

/** The whole log as a file: also what has fallen off the top here. */
function Downloads({ runId }: { runId: number }) {
  const look = "rounded-sm underline underline-offset-2 hover:text-ink";
  return (
    <span className="flex items-center gap-1.5">
      <Download aria-hidden className="size-4" />
      <a className={look} href={`/api/v1/runs/${runId}/logs?format=text`} download aria-label="Download the log as text">
        Text
      </a>
      <a className={look} href={`/api/v1/runs/${runId}/logs?format=ndjson`} download aria-label="Download the log as JSON Lines">
        JSON Lines
      </a>
    </span>
  );
}

/** The lines of `runs`, read on from the last one seen at every `beat`. */
function useLogLines(runs: { id: number; stage: string }[], beat: number) {
  const [lines, setLines] = useState<(LogLine & { stage: string })[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const seen = useRef(new Map<number, string>());
  const upTo = useRef(new Map<number, number>());
  const reading = useRef(false);
  const ids = runs.map((run) => run.id).join();

  for (const run of runs) seen.current.set(run.id, run.stage);

  // biome-ignore lint/correctness/useExhaustiveDependencies: beat and ids say when to read, not what
  useEffect(() => {
    let left = false;
    async function readOn() {
      if (reading.current) return;
      reading.current = true;
      try {
        for (const [id, stage] of seen.current) {
          for (let round = 0; round < ROUNDS_MAX && !left; round++) {
            const answer = await readData<LogLine[]>(`/api/v1/runs/${id}/logs?after=${upTo.current.get(id) ?? 0}&limit=${ASKED}`);
            if (!answer.ok) {
              setFault(answer.message);
              break;
            }
            setFault(null);
            const last = answer.data.at(-1);
            if (!last) break;
            upTo.current.set(id, last.id);
            setLines((old) => [...old, ...answer.data.map((line) => ({ ...line, stage }))].slice(-KEPT_LINES));
            if (answer.data.length < ASKED) break;
          }
        }
      } finally {
        reading.current = false;
      }
    }
    void readOn();
    return () => {
      left = true;
    };
  }, [beat, ids]);

  return { lines, fault, clear: () => setLines([]) };
}
