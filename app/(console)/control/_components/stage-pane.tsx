import { ArrowRight, Hourglass } from "lucide-react";
import Link from "next/link";
import { Time } from "#components/layout/clock";
import { CancelRunButton } from "#components/runs/cancel-run-button";
import { ItemsCount } from "#components/runs/items-count";
import { RunProgress } from "#components/runs/run-progress";
import { StatusMark } from "#components/runs/status-mark";
import { formatCount } from "#lib/format/number";
import type { StageCard } from "#lib/stages/queries";
import { cancelRunAction } from "../../runs/actions";
import type { ActiveFacts } from "./active-facts";
import { TriggerForm } from "./trigger-form";

/** One stage: what it does, what it has made, what waits, how its last run went, and the means to start or stop it. */
export function StagePane({ stage, active }: { stage: StageCard; active: ActiveFacts | null }) {
  return (
    <section id={`${stage.pipeline}-${stage.name}`} aria-label={`Stage ${stage.name}`} className="flex scroll-mt-16 flex-col gap-3 border-b px-4 py-4 sm:px-6 lg:grid lg:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_minmax(0,5fr)] lg:gap-8">
      <div className="min-w-0">
        <h3 className="flex flex-wrap items-baseline gap-x-2 text-base font-semibold">
          {stage.title}
          <span className="font-mono text-xs font-normal text-ink-soft">{stage.name}</span>
        </h3>
        <p className="mt-0.5 max-w-[60ch] text-sm text-ink-soft">{stage.description}</p>
        {stage.needs.length > 0 && (
          <p className="mt-1 flex flex-wrap items-center gap-1 text-xs text-ink-soft">
            {stage.needs.join(", ")} <ArrowRight aria-label="then" className="size-3" /> {stage.name}
            {stage.manual && <span> · left out of Run all</span>}
          </p>
        )}
      </div>

      <div className="min-w-0 text-sm">
        <dl className="flex gap-8">
          <Count value={stage.rows} name={stage.rowsName} />
          <Count value={stage.waiting} name={`${stage.itemsName} waiting`} />
        </dl>
        {stage.countError && <p className="mt-1 text-xs break-words text-failed">Not counted: {stage.countError}</p>}
        {stage.lastRun && stage.lastRun.id !== stage.activeRun?.id ? (
          <p className="mt-2 flex flex-wrap items-center gap-x-2">
            <span className="text-ink-soft">Last run</span>
            <Link href={`/runs/${stage.lastRun.id}`} className="inline-flex min-h-6 items-center gap-2 hover:underline">
              <span className="font-mono text-accent">#{stage.lastRun.id}</span>
              <StatusMark status={stage.lastRun.status} />
            </Link>
            <Time date={stage.lastRun.completedAt ?? stage.lastRun.createdAt} className="text-ink-soft" />
            <span className="text-ink-soft"><ItemsCount run={stage.lastRun} /> {stage.itemsName}</span>
          </p>
        ) : (
          !stage.activeRun && <p className="mt-2 text-ink-soft">Has not run yet.</p>
        )}
      </div>

      <div className="flex min-w-0 flex-col gap-3">
        {stage.activeRun && active && (
          <div>
            <div className="mb-2 flex flex-wrap items-center justify-between gap-2 text-sm">
              <Link href={`/runs/${stage.activeRun.id}`} className="inline-flex min-h-6 items-center gap-2 hover:underline">
                <span className="font-mono text-accent">#{stage.activeRun.id}</span>
                <StatusMark status={stage.activeRun.status} />
              </Link>
              <CancelRunButton run={stage.activeRun} asked={active.cancelRequestedAt !== null} cancelRun={cancelRunAction} size="sm" />
            </div>
            {stage.activeRun.status === "running" && <RunProgress run={stage.activeRun} itemsName={stage.itemsName} etaMs={active.etaMs} />}
            {active.waitReason && (
              <p className="flex items-center gap-1.5 text-sm">
                <Hourglass aria-hidden className="size-4 shrink-0 text-ink-soft" /> {active.waitReason}
              </p>
            )}
          </div>
        )}
        <TriggerForm stage={{ pipeline: stage.pipeline, name: stage.name, fields: stage.fields }} />
      </div>
    </section>
  );
}

function Count({ value, name }: { value: number | null; name: string }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className="text-lg font-semibold">{value === null ? "–" : formatCount(value)}</dd>
    </div>
  );
}
