"use client";
import { RotateCcw } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState, useTransition } from "react";
import { editedParams, fieldsOf, printed } from "#components/pipelines/edited-params";
import { ParamInput } from "#components/pipelines/param-input";
import { Refusal } from "#components/pipelines/refusal";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { formatCount } from "#lib/format/number";
import type { RunDetail } from "#lib/runs/queries";
import type { ParamField } from "#lib/stages/queries";
import type { ActionError } from "#lib/web/action";
import { retryRunAction } from "../actions";

type RetryProps = {
  run: Pick<RunDetail, "id" | "stage" | "status" | "params">;
  /** The stage's parameters; the run's own values stand in them. */
  fields: ParamField[];
  /** Units that a retry of only what failed would take over. */
  failedUnits: number;
};

/** Retries an ended run: only what failed, or whole, with the same parameters or with others. Leads to the new run. */
export function RetryRunButton({ run, fields, failedUnits }: RetryProps) {
  const [open, setOpen] = useState(false);
  const isFailure = run.status === "failed" || run.status === "partial" || run.status === "cancelled";
  return (
    <>
      <Button look={isFailure ? "primary" : "plain"} onClick={() => setOpen(true)}>
        <RotateCcw aria-hidden className="size-3.5" /> Retry run
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={`Retry run #${run.id} of ${run.stage}`} description="Makes a new run that knows which one it retries. This one stays as it is.">
        <RetryForm run={run} fields={fields} failedUnits={failedUnits} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function RetryForm({ run, fields, failedUnits, onClose }: RetryProps & { onClose: () => void }) {
  const id = useId();
  const router = useRouter();
  const [onlyFailed, setOnlyFailed] = useState(failedUnits > 0);
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();
  const old = fieldsOf(run.params);
  const shown = fields.map((field) => ({ ...field, default: printed(old[field.name] ?? field.default) }));
  const faultOf = (name: string) => error?.faults.find(({ path }) => path.split(".").at(-1) === name)?.message;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const params = editedParams(old, shown, new FormData(event.currentTarget));
    startTransition(async () => {
      const result = await retryRunAction({ runId: run.id, params, onlyFailed });
      if (result.ok) {
        onClose();
        router.push(`/runs/${result.value.runId}`);
      } else setError(result.error);
    });
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {failedUnits > 0 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-medium">What to do again</legend>
          <label className="flex min-h-7 items-center gap-2">
            <input type="radio" name="what" checked={onlyFailed} onChange={() => setOnlyFailed(true)} className="size-4 accent-accent" />
            Only what failed: {formatCount(failedUnits)} {failedUnits === 1 ? "unit" : "units"}, with the {failedUnits === 1 ? "input it" : "inputs they"} had
          </label>
          <label className="flex min-h-7 items-center gap-2">
            <input type="radio" name="what" checked={!onlyFailed} onChange={() => setOnlyFailed(false)} className="size-4 accent-accent" />
            The whole stage, planned anew
          </label>
        </fieldset>
      )}
      {shown.length > 0 && (
        <fieldset>
          <legend className="mb-2 text-sm font-medium">Parameters</legend>
          <div className="grid gap-3 sm:grid-cols-2">
            {shown.map((field) => (
              <ParamInput key={field.name} id={`${id}-${field.name}`} field={field} fault={faultOf(field.name)} />
            ))}
          </div>
        </fieldset>
      )}
      {error && !shown.some(({ name }) => faultOf(name)) && <Refusal error={error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" look="primary" disabled={isPending}>
          {onlyFailed ? `Retry ${formatCount(failedUnits)} failed ${failedUnits === 1 ? "unit" : "units"}` : `Retry ${run.stage}`}
        </Button>
      </div>
    </form>
  );
}
