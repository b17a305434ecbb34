import { Lightbulb } from "lucide-react";
import { ErrorDetail } from "#components/trace/error-detail";
import type { Baseline } from "#lib/baseline/queries";
import type { ErrorGroupOfRun } from "#lib/error-groups/queries";
import type { RunDetail } from "#lib/runs/queries";
import { FailedStepLink } from "./failed-step-link";
import { LastSuccess } from "./last-success";
import { SimilarFailures } from "./similar-failures";

/** Why a run failed: its message whole, the step, the known cause and what to do, failures like it, and what was not so when it last succeeded. */
export function RunError({ run, baseline, failedStep, similar }: { run: RunDetail; baseline: Baseline; /** The first step that failed. */ failedStep: { seq: number; stepName: string } | null; similar: ErrorGroupOfRun[] }) {
  if (!run.errorMessage && !run.errorClass) return null;
  return (
    <section aria-label="Error" className="mx-4 mb-5 rounded-md border border-failed/40 sm:mx-6">
      <h2 className="sr-only">Error</h2>
      <ErrorDetail isFlat errorClass={run.errorClass} message={run.errorMessage ?? ""} />
      {run.cause && (
        <div className="flex items-start gap-3 border-t border-failed/30 p-3">
          <Lightbulb aria-hidden className="mt-0.5 size-5 shrink-0 text-partial" />
          <div className="min-w-0">
            <h3 className="font-semibold">{run.cause.title}</h3>
            <p className="mt-0.5 max-w-[90ch]">{run.cause.hint}</p>
          </div>
        </div>
      )}
      <div className="flex flex-col gap-3 border-t border-failed/30 p-3">
        {failedStep && <FailedStepLink {...failedStep} />}
        <SimilarFailures groups={similar} />
        <LastSuccess run={run} success={baseline.lastSuccess} />
      </div>
    </section>
  );
}
