"use client";
import Link from "next/link";
import { useEffect, useState } from "react";
import { readData } from "#components/layout/read-data";
import { CallCost } from "#components/llm-calls/call-cost";
import { describeTokens } from "#components/llm-calls/call-facts";
import { CallMark } from "#components/llm-calls/call-mark";
import { callHref } from "#components/llm-calls/calls-href";
import type { CallRow } from "#lib/llm-calls/queries";

/** The model calls that were made in a step; nothing when it made none. */
export function StepCalls({ runId, seq }: { runId: number; seq: number }) {
  const [calls, setCalls] = useState<CallRow[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    void readData<CallRow[]>(`/api/v1/runs/${runId}/steps/${seq}/llm-calls`, { signal: leaving.signal }).then((answer) => {
      if (!leaving.signal.aborted) setCalls(answer.ok ? answer.data : []);
    });
    return () => leaving.abort();
  }, [runId, seq]);
  if (calls.length === 0) return null;
  return (
    <section aria-label="LLM calls of this step" className="text-sm">
      <h3 className="text-xs font-semibold">LLM {calls.length === 1 ? "call" : "calls"}</h3>
      <ul className="divide-y divide-line">
        {calls.map((call) => (
          <li key={call.id} className="py-1">
            <p className="flex flex-wrap items-center gap-x-3"><Link href={callHref(call.id)} className="font-mono text-accent hover:underline">#{call.id}</Link><CallMark status={call.status} /><span>{call.model}</span><CallCost call={call} /></p>
            <p className="text-ink-soft">{call.provider === "local" ? "local analyser" : `${call.provider}, tokens ${describeTokens(call)}`}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
