"use client";
import { useEffect, useState } from "react";
import { readData } from "#components/layout/read-data";
import { CallFacts } from "#components/llm-calls/call-facts";
import { callHref } from "#components/llm-calls/calls-href";
import { CallMark } from "#components/llm-calls/call-mark";
import { CallTexts } from "#components/llm-calls/call-texts";
import { PeekFrame } from "#components/table/peek-frame";
import { Skeleton } from "#components/ui/skeleton";
import type { CallDetail } from "#lib/llm-calls/queries";

/** A call beside the list: its facts and its texts. */
export function CallPeek({ callId, show, previous, next }: { callId: number; show: (callId: number | null) => void; previous: number | null; next: number | null }) {
  const [found, setFound] = useState<{ for: number; value: CallDetail | string } | null>(null);
  useEffect(() => {
    let gone = false;
    void readData<CallDetail>(`/api/v1/llm-calls/${callId}`).then((answer) => {
      if (!gone) setFound({ for: callId, value: answer.ok ? answer.data : answer.message });
    });
    return () => {
      gone = true;
    };
  }, [callId]);
  const shown = found?.for === callId ? found.value : null;
  return (
    <PeekFrame name={`#${callId}`} noun="call" href={callHref(callId)} show={show} previous={previous} next={next}>
      {shown === null ? (
        <><Skeleton className="h-6 w-40" /><Skeleton className="h-24" /><Skeleton className="h-48" /></>
      ) : typeof shown === "string" ? (
        <p role="alert" className="text-failed">{shown}</p>
      ) : (
        <>
          <p className="flex flex-wrap items-center gap-x-3 text-lg"><CallMark status={shown.status} /><span className="min-w-0 font-semibold break-words">{shown.role}</span></p>
          {shown.error && <p className="rounded-md bg-failed-wash p-3 text-sm break-words">{shown.errorClass && <span className="block font-mono text-xs text-failed">{shown.errorClass}</span>}{shown.error}</p>}
          <CallFacts call={shown} />
          <CallTexts call={shown} />
        </>
      )}
    </PeekFrame>
  );
}
