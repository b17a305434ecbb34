import Link from "next/link";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import type { RunDetail, StepRow } from "#lib/runs/queries";
import { StepList } from "./step-list";

/** The steps, all or those that failed. A long run shows its first ones here: the rest is for the command line. */
export function StepsSection({ run, steps, hasMore, onlyErrors }: { run: RunDetail; steps: StepRow[]; hasMore: boolean; onlyErrors: boolean }) {
  return (
    <Section
      title="Steps"
      note={hasMore ? `the first ${steps.length}` : steps.length || undefined}
      actions={
        <nav aria-label="Which steps" className="flex gap-1">
          <Link href={`/runs/${run.id}`} scroll={false} aria-current={onlyErrors ? undefined : "true"} className={buttonClass(onlyErrors ? "quiet" : "plain", "sm")}>
            All steps
          </Link>
          <Link href={`/runs/${run.id}?steps=error`} scroll={false} aria-current={onlyErrors ? "true" : undefined} className={buttonClass(onlyErrors ? "plain" : "quiet", "sm")}>
            Errors only
          </Link>
        </nav>
      }
    >
      {steps.length > 0 ? (
        <StepList runId={run.id} steps={steps} isRunning={run.status === "running"} />
      ) : (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">{onlyErrors ? "No step failed." : "No step has been recorded."}</p>
      )}
      {hasMore && (
        <p className="px-4 py-3 text-sm text-ink-soft sm:px-6">
          More steps follow. All of them: <code className="font-mono">./penstock runs steps {run.id} -o ndjson</code>
        </p>
      )}
    </Section>
  );
}
