"use client";
import { useCallback, useEffect, useState } from "react";
import { FullTime } from "#components/layout/clock";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { JsonView } from "#components/ui/json-view";
import { Skeleton } from "#components/ui/skeleton";

type Io = { input: string | null; output: string | null; prunedAt: string | null };

/** What a step was given and what it gave, asked for when it is opened: lists never carry it. */
export function StepIo({ runId, seq }: { runId: number; seq: number }) {
  const [io, setIo] = useState<Io | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  const load = useCallback(
    async (signal?: AbortSignal) => {
      setFault(null);
      const answer = await readData<Io>(`/api/v1/runs/${runId}/steps/${seq}/io`, { signal });
      if (signal?.aborted) return;
      if (answer.ok) setIo(answer.data);
      else setFault(answer.message);
    },
    [runId, seq],
  );

  useEffect(() => {
    const leaving = new AbortController();
    void load(leaving.signal);
    return () => leaving.abort();
  }, [load]);

  if (fault) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-2 text-failed">
        {fault}
        <Button size="sm" onClick={() => load()}>
          Try again
        </Button>
      </p>
    );
  }
  if (!io) return <Skeleton className="h-24 w-full" />;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {io.input === null ? <Nothing label="Input" prunedAt={io.prunedAt} /> : <JsonView label="Input" of={`step ${seq}`} text={io.input} />}
      {io.output === null ? <Nothing label="Output" prunedAt={io.prunedAt} /> : <JsonView label="Output" of={`step ${seq}`} text={io.output} />}
    </div>
  );
}

const Nothing = ({ label, prunedAt }: { label: string; prunedAt: string | null }) => (
  <div>
    <p className="flex h-7 items-center text-xs font-semibold text-ink-soft">{label}</p>
    <p className="text-ink-soft">{prunedAt ? <>Removed by retention on <FullTime date={new Date(prunedAt)} />.</> : "None was recorded."}</p>
  </div>
);
