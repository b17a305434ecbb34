import { IfMay } from "#components/access";
import type { NextStart } from "#lib/schedules/queries";
import type { PipelineCard } from "#lib/stages/queries";
import { NextStartNote } from "./next-start-note";
import { PauseButton } from "./pause-button";
import { PauseNote } from "./pause-note";
import { RunAllButton } from "./run-all-button";

/** What a pipeline is for, and the button that starts the whole of it. */
export function PipelineHeader({ pipeline, next }: { pipeline: PipelineCard; next: NextStart | null }) {
  const manual = pipeline.stages.filter((stage) => stage.manual).map(({ name }) => name);
  return (
    <div className="flex flex-wrap items-start justify-between gap-3 px-4 pt-4 pb-3 sm:px-6">
      <div className="min-w-0">
        <h2 className="text-lg font-semibold">{pipeline.title}</h2>
        <p className="max-w-[105ch] text-ink-soft">{pipeline.description}</p>
        <NextStartNote next={next} />
        <PauseNote pause={pipeline.pause} what="The pipeline is" />
      </div>
      <div className="flex max-w-full flex-wrap items-center gap-2">
        <IfMay permission="stages.control"><PauseButton target={{ pipeline: pipeline.name }} paused={pipeline.pause !== null} /></IfMay>
        {manual.length < pipeline.stages.length && <IfMay permission="runs.trigger"><RunAllButton pipeline={pipeline.name} manual={manual} /></IfMay>}
      </div>
    </div>
  );
}
