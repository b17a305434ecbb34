import { CircleX, Lightbulb } from "lucide-react";
import { CopyButton } from "#components/ui/copy-button";
import type { RunDetail } from "#lib/runs/queries";

/** Why a run failed: its message whole, and, where the error is known, its cause and what to do. */
export function RunError({ run }: { run: RunDetail }) {
  if (!run.errorMessage && !run.errorClass) return null;
  const text = [run.errorClass, run.errorMessage].filter(Boolean).join(": ");
  return (
    <section aria-label="Error" className="mx-4 mb-5 rounded-md border border-failed/40 bg-failed-wash sm:mx-6">
      <div className="flex items-start gap-3 p-3">
        <CircleX aria-hidden className="mt-0.5 size-5 shrink-0 text-failed" />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{run.errorClass ?? "Error"}</h2>
          {run.errorMessage && (
            <section
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
              tabIndex={0}
              aria-label="Error message"
              className="mt-1 max-h-64 overflow-auto"
            >
              <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{run.errorMessage}</pre>
            </section>
          )}
        </div>
        <CopyButton text={text} label="Copy the error" />
      </div>
      {run.cause && (
        <div className="flex items-start gap-3 border-t border-failed/30 p-3">
          <Lightbulb aria-hidden className="mt-0.5 size-5 shrink-0 text-partial" />
          <div className="min-w-0">
            <h3 className="font-semibold">{run.cause.title}</h3>
            <p className="mt-0.5 max-w-[90ch]">{run.cause.hint}</p>
          </div>
        </div>
      )}
    </section>
  );
}
