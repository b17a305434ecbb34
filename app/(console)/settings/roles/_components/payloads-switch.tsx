"use client";
import { useState, useTransition } from "react";
import type { ActionError } from "#lib/web/action";
import { changeSettingsAction } from "../../actions";

/** Whether viewers see payloads. What is refused stays as it was, with the reason. */
export function PayloadsSwitch({ value, version, mayChange }: { value: boolean; version: number; mayChange: boolean }) {
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();
  const turn = (viewersSeePayloads: boolean) =>
    startTransition(async () => {
      const result = await changeSettingsAction({ values: { viewersSeePayloads }, versions: { viewersSeePayloads: version } });
      setError(result.ok ? null : result.error);
    });
  return (
    <div className="px-4 pb-5 sm:px-6">
      <label className="flex min-h-8 items-center gap-2">
        <input type="checkbox" checked={value} disabled={!mayChange || isPending} aria-describedby="payloads-hint" onChange={(event) => turn(event.currentTarget.checked)} className="size-4 accent-accent" />
        Viewers see payloads
      </label>
      <p id="payloads-hint" className="max-w-[80ch] text-sm text-ink-soft">
        Inputs and outputs, prompts and answers, logs and parameters. Without it viewers see that there are some. It holds within five seconds everywhere.
        {!mayChange && " Only admins change it."}
      </p>
      {error && <p role="alert" className="mt-1 font-medium text-failed">{error.message}</p>}
    </div>
  );
}
