import Link from "next/link";
import type { ReactNode } from "react";
import { IfMay } from "#components/access";
import { Elapsed, FullTime, Time } from "#components/layout/clock";
import { DrainWorkerButton } from "#components/workers/drain-worker-button";
import { WorkerMark } from "#components/workers/worker-mark";
import type { WorkerRow } from "#lib/workers/queries";
import { workerState } from "#lib/workers/rules";
import { drainWorkerAction } from "../actions";

/** Units shown of one worker; more than a process usually runs. */
const UNITS_SHOWN = 50;

/** One living worker: where it runs, whether it is heard of, what it holds. */
export function WorkerCard({ worker }: { worker: WorkerRow }) {
  const state = workerState(worker);
  return (
    <li aria-label={`Worker ${worker.id}`} className="border-t px-4 py-4 sm:px-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
          Worker {worker.id}
          <WorkerMark state={state} />
          <span className="font-mono text-sm font-normal break-all text-ink-soft">{worker.host}</span>
        </h2>
        <IfMay permission="workers.drain"><DrainWorkerButton worker={{ id: worker.id, holds: worker.units.length }} asked={worker.drainRequestedAt !== null} drainWorker={drainWorkerAction} /></IfMay>
      </div>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-3 text-sm sm:grid-cols-3 lg:grid-cols-6">
        <Fact name="Process"><span className="font-mono">{worker.pid}</span></Fact>
        <Fact name="Heard of"><Time date={worker.heartbeatAt} /></Fact>
        <Fact name="Started"><FullTime date={worker.startedAt} /></Fact>
        <Fact name="Version"><span className="font-mono">{worker.version}</span></Fact>
        <Fact name="Holds">{worker.units.length} of {worker.concurrency} units</Fact>
        <Fact name="Can run">{worker.stages.length === 0 ? "it does not say" : <Stages names={worker.stages} />}</Fact>
      </dl>
      {worker.drainRequestedAt && (
        <p className="mt-3 text-sm">
          {worker.drainRequestedBy ?? "Somebody"} asked it to drain <Time date={worker.drainRequestedAt} />: it takes nothing new, and stops {worker.units.length === 0 ? "now" : "when it has finished what it holds"}.
        </p>
      )}
      {state === "silent" && <p className="mt-3 text-sm font-medium text-failed">It has not been heard of lately. If it is dead, what it holds is given to another worker.</p>}
      {worker.units.length > 0 && (
        <ul aria-label={`Units that worker ${worker.id} holds`} className="mt-3 divide-y border-y text-sm">
          {worker.units.slice(0, UNITS_SHOWN).map((unit) => (
            <li key={`${unit.runId} ${unit.seq}`} className="flex items-center gap-3 py-1.5">
              <Link href={`/runs/${unit.runId}`} className="inline-flex min-h-6 items-center font-mono text-accent hover:underline">#{unit.runId}</Link>
              <span className="min-w-0 flex-1 truncate">{unit.name}</span>
              <span className="shrink-0 text-ink-soft tabular-nums"><Elapsed durationMs={null} startedAt={unit.startedAt} running /></span>
            </li>
          ))}
          {worker.units.length > UNITS_SHOWN && <li className="py-1.5 text-ink-soft">and {worker.units.length - UNITS_SHOWN} more</li>}
        </ul>
      )}
    </li>
  );
}

/** By pipeline; the stages themselves on demand, since a pipeline may have many. */
function Stages({ names }: { names: string[] }) {
  const pipelines = Map.groupBy(names, (name) => name.split("/", 1)[0] ?? name);
  return (
    <details>
      <summary className="inline-flex min-h-6 cursor-default items-center rounded-sm underline decoration-dotted underline-offset-2">
        {names.length} {names.length === 1 ? "stage" : "stages"} of {[...pipelines.keys()].join(", ")}
      </summary>
      {[...pipelines].map(([pipeline, stages]) => (
        <p key={pipeline} className="mt-1 text-ink-soft">
          {pipeline}: {stages.map((name) => name.slice(pipeline.length + 1)).join(", ")}
        </p>
      ))}
    </details>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs font-semibold text-ink-soft">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}
