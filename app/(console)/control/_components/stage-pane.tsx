import { ArrowRight } from "lucide-react";
import { IfMay } from "#components/access";
import { classNames } from "#components/ui/class-names";
import { formatCount } from "#lib/format/number";
import { singularOf } from "#lib/format/words";
import type { NextStart } from "#lib/schedules/queries";
import type { StageCard } from "#lib/stages/queries";
import type { ActiveFacts } from "./active-facts";
import { LimitButton } from "./limit-button";
import { NextStartNote } from "./next-start-note";
import { PauseButton } from "./pause-button";
import { PauseNote } from "./pause-note";
import { StageRun } from "./stage-run";
import { TriggerForm } from "./trigger-form";

/** One stage: what it does, what it has made, what waits, how its run goes or went, and the means to start one. */
export function StagePane({ stage, active, next }: { stage: StageCard; active: ActiveFacts | null; next: NextStart | null }) {
  return (
    <section
      id={`${stage.pipeline}-${stage.name}`}
      aria-label={`Stage ${stage.name}`}
      className="flex scroll-mt-16 flex-col gap-3 border-b px-4 py-4 last:border-b-0 sm:px-6 lg:grid lg:grid-cols-[minmax(0,4fr)_minmax(0,5fr)_minmax(0,4fr)] lg:gap-10"
    >
      <div className="min-w-0">
        <h3 className="flex flex-wrap items-baseline gap-x-2 text-base font-semibold">
          {stage.title}
          <span className="font-mono text-xs font-normal text-ink-soft">{stage.name}</span>
        </h3>
        <p className="mt-0.5 max-w-[60ch] text-sm text-ink-soft">{stage.description}</p>
        {stage.program !== null && <p className="mt-1 font-mono text-xs break-all text-ink-soft">{stage.program}</p>}
        {stage.needs.length > 0 && (
          <p className="mt-1 flex flex-wrap items-center gap-1 text-xs text-ink-soft">
            {stage.needs.join(", ")} <ArrowRight aria-label="then" className="size-3" /> {stage.name}
            {stage.manual && <span> · left out of Run all</span>}
          </p>
        )}
        <PauseNote pause={stage.pause} what="The stage is" />
      </div>
      <div className="min-w-0 text-sm">
        {(isCounted(stage.rows, stage) || isCounted(stage.waiting, stage)) && (
          <dl className="grid max-w-sm grid-cols-2 gap-4">
            {isCounted(stage.rows, stage) && <Count value={stage.rows} name={stage.rowsName} />}
            {isCounted(stage.waiting, stage) && <Count value={stage.waiting} name={`${stage.itemsName} waiting`} />}
          </dl>
        )}
        {stage.countError && <p className="mt-1 text-xs break-words text-failed">Not counted: {stage.countError}</p>}
        <NextStartNote next={next} />
        <StageRun stage={stage} active={active} />
      </div>
      <div className="min-w-0">
        <IfMay permission="runs.trigger"><TriggerForm stage={{ pipeline: stage.pipeline, name: stage.name, fields: stage.fields, onBusy: stage.onBusy }} /></IfMay>
        <div className={classNames("mt-2 flex flex-wrap items-center", stage.pause ? "gap-1" : "-ml-2")}>
          <IfMay permission="stages.control"><PauseButton target={{ pipeline: stage.pipeline, stage: stage.name }} paused={stage.pause !== null} /></IfMay>
          <IfMay permission="stages.control"><LimitButton stage={{ pipeline: stage.pipeline, name: stage.name, limit: stage.limit, declaredLimit: stage.declaredLimit, inFlight: stage.inFlight }} /></IfMay>
        </div>
      </div>
    </section>
  );
}

/** A stage that counts nothing is not drawn as if it had nothing. */
const isCounted = (count: number | null, { countError }: StageCard): boolean => count !== null || countError !== null;

function Count({ value, name }: { value: number | null; name: string }) {
  return (
    <div className="flex flex-col-reverse justify-end">
      <dt className="text-xs text-ink-soft">{value === 1 ? singularOf(name) : name}</dt>
      <dd className="text-lg font-semibold">{value === null ? "–" : formatCount(value)}</dd>
    </div>
  );
}
