import Link from "next/link";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import type { RunDetail } from "#lib/runs/queries";
import type { StepRow } from "#lib/trace/queries";
import { StepList } from "./step-list";

/** The steps, all or those that failed, a page at a time: `after` is the step before this page, `next` the last one on it if more follow. */
export function StepsSection({ run, steps, after, next, onlyErrors }: { run: RunDetail; steps: StepRow[]; after: number; next: number | null; onlyErrors: boolean }) {
  const only = onlyErrors ? "steps=error&" : "";
  return (
    <Section
      title="Steps"
      note={next !== null || after > 0 ? `${steps[0]?.seq ?? after} to ${steps.at(-1)?.seq ?? after}` : steps.length || undefined}
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
      {(next !== null || after > 0) && (
        <nav aria-label="Pages of steps" className="flex justify-end gap-2 border-t px-4 py-2 sm:px-6">
          {after > 0 && (
            <Link href={`/runs/${run.id}?${only}`} scroll={false} className={buttonClass("plain", "sm")}>
              First steps
            </Link>
          )}
          {next !== null && (
            <Link href={`/runs/${run.id}?${only}after=${next}`} scroll={false} className={buttonClass("plain", "sm")}>
              More steps
            </Link>
          )}
        </nav>
      )}
    </Section>
  );
}
