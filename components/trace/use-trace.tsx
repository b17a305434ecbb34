"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLive } from "#components/layout/live";
import { readData } from "#components/layout/read-data";
import { traceHref } from "#components/trace/trace-href";
import { isFinal } from "#lib/runs/rules";
import { mergeTrace, type Trace } from "#lib/trace/rules";

/**
 * The structure of a run, whole. A small one comes with the page and with each of its refreshes (`given`); a large one is asked
 * for here, once whole and then, with every batch of news, what has changed. What is on the screen grows in place.
 */
export function useTrace(runId: number, given: Trace | null): { trace: Trace | null; fault: string | null; retry: () => void } {
  const { beat } = useLive();
  const [trace, setTrace] = useState(given);
  const [seen, setSeen] = useState(given);
  const [fault, setFault] = useState<string | null>(null);
  const latest = useRef(trace);
  const reading = useRef(false);
  latest.current = trace;
  if (given !== seen) {
    setSeen(given);
    if (given) setTrace(given);
  }

  const read = useCallback(async () => {
    const known = latest.current;
    if (reading.current || (known && isFinal(known.status))) return;
    reading.current = true;
    const answer = await readData<Trace>(`${traceHref(runId)}${known ? `?since=${encodeURIComponent(known.asOf)}` : ""}`);
    reading.current = false;
    setFault(answer.ok ? null : answer.message);
    if (answer.ok) setTrace((old) => (old ? mergeTrace(old, answer.data) : answer.data));
  }, [runId]);

  const isGiven = given !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: beat says when to read, not what
  useEffect(() => {
    if (!isGiven) void read();
  }, [read, isGiven, beat]);

  return { trace, fault, retry: () => void read() };
}
