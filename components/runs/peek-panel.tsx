"use client";
import Link from "next/link";
import type { Route } from "next";
import { useEffect, useState } from "react";
import { Elapsed, FullTime } from "#components/layout/clock";
import { useLive } from "#components/layout/live";
import { readData } from "#components/layout/read-data";
import { RunProgress } from "#components/runs/run-progress";
import { StatusMark } from "#components/runs/status-mark";
import { WaitNote } from "#components/runs/wait-note";
import { PeekFrame } from "#components/table/peek-frame";
import { Skeleton } from "#components/ui/skeleton";
import { formatCount } from "#lib/format/number";
import type { RunDetail } from "#lib/runs/queries";
import type { StepRow } from "#lib/trace/queries";

type Peeked = { run: Pick<RunDetail, "id" | "pipeline" | "stage" | "status" | "outcome" | "reason" | "errorMessage" | "errorClass" | "triggeredBy" | "createdBy" | "durationMs" | "itemsProcessed" | "itemsFailed" | "itemsTotal" | "unitsTotal" | "unitsDone" | "unitsFailed" | "waiting" | "cause" | "subjects"> & { startedAt: string | null; completedAt: string | null }; errors: StepRow[] };

/** A run beside the list: what one wants to know before one opens it. */
export function PeekPanel({ runId, show, previous, next }: { runId: number; show: (runId: number | null) => void; previous: number | null; next: number | null }) {
  const { beat } = useLive();
  const [found, setFound] = useState<{ for: number; value: Peeked | string } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each beat of news asks again
  useEffect(() => {
    let gone = false;
    (async () => {
      const [run, steps] = await Promise.all([readData<Peeked["run"]>(`/api/v1/runs/${runId}`), readData<StepRow[]>(`/api/v1/runs/${runId}/steps?status=error&limit=5`)]);
      if (!gone) setFound({ for: runId, value: run.ok ? { run: run.data, errors: steps.ok ? steps.data : [] } : run.message });
    })();
    return () => {
      gone = true;
    };
  }, [runId, beat]);
  const shown = found?.for === runId ? found.value : null;
  return (
    <PeekFrame name={`#${runId}`} noun="run" href={`/runs/${runId}` as Route} show={show} previous={previous} next={next}>
      {shown === null ? (
        <><Skeleton className="h-6 w-40" /><Skeleton className="h-24" /><Skeleton className="h-16" /></>
      ) : typeof shown === "string" ? (
        <p role="alert" className="text-failed">{shown}</p>
      ) : (
        <PeekedRun {...shown} />
      )}
    </PeekFrame>
  );
}

function PeekedRun({ run, errors }: Peeked) {
  const date = (text: string | null) => (text ? new Date(text) : null);
  const facts: [string, React.ReactNode][] = [
    ["Started", <FullTime key="s" date={date(run.startedAt)} />],
    ["Completed", <FullTime key="c" date={date(run.completedAt)} />],
    ["Duration", <Elapsed key="d" durationMs={run.durationMs} startedAt={date(run.startedAt)} running={run.status === "running"} />],
    ["Items", `${formatCount(run.itemsProcessed)}${run.itemsFailed > 0 ? `, ${formatCount(run.itemsFailed)} failed` : ""}`],
    ["Triggered", `${run.triggeredBy}${run.createdBy ? ` by ${run.createdBy}` : ""}`],
    ...run.subjects.map(([name, value]): [string, React.ReactNode] => [name, value]),
    ...(run.outcome ? [["Outcome", run.outcome] as [string, React.ReactNode]] : []),
  ];
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 text-lg">
        <StatusMark status={run.status} />
        <span className="min-w-0 font-semibold break-words"><span className="font-normal text-ink-soft">{run.pipeline} / </span>{run.stage}</span>
      </p>
      {(run.status === "running" || run.status === "pending") && <RunProgress run={run} />}
      {run.waiting && <WaitNote waiting={run.waiting} className="text-ink-soft" />}
      {(run.errorMessage ?? run.reason) && (
        <div className="rounded-md bg-failed-wash p-3">
          {run.errorClass && <p className="font-mono text-xs text-failed">{run.errorClass}</p>}
          <p className="line-clamp-8 text-sm break-words whitespace-pre-wrap">{run.errorMessage ?? run.reason}</p>
          {run.cause && <p className="mt-2 text-sm text-ink-soft">{run.cause.hint}</p>}
        </div>
      )}
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-y-1.5 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents"><dt className="text-ink-soft first-letter:uppercase">{name}</dt><dd className="break-words">{value}</dd></div>
        ))}
      </dl>
      {errors.length > 0 && (
        <div>
          <h3 className="mb-1 text-sm font-semibold">Steps that failed</h3>
          <ul className="grid gap-1 text-sm">
            {errors.map((step) => (
              <li key={step.seq} className="min-w-0">
                <Link href={`/runs/${run.id}?step=${step.seq}`} className="font-medium hover:underline">{step.stepName}</Link>
                <span className="line-clamp-2 break-words text-ink-soft">{step.error}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
