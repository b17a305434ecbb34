"use client";
import { Play, Settings2 } from "lucide-react";
import { type FormEvent, useId, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import type { StageCard } from "#lib/stages/queries";
import type { ActionError } from "#lib/web/action";
import { triggerRunAction } from "../actions";
import { ParamInput } from "#components/pipelines/param-input";
import { readParams } from "#components/pipelines/read-params";
import { Refusal } from "#components/pipelines/refusal";

/** A stage's parameters as a form, folded away while their defaults will do, and the button that starts it. */
export function TriggerForm({ stage }: { stage: Pick<StageCard, "pipeline" | "name" | "fields"> }) {
  const formId = useId();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<ActionError | null>(null);
  const [started, setStarted] = useState<number | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const params = readParams(stage.fields, new FormData(event.currentTarget));
    startTransition(async () => {
      const result = await triggerRunAction({ pipeline: stage.pipeline, stage: stage.name, params });
      setError(result.ok ? null : result.error);
      setStarted(result.ok ? result.value.runId : null);
      // A fault that stands in a folded form would not be seen.
      if (!result.ok && result.error.faults.length > 0) setOpen(true);
    });
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path.split(".").at(-1) === name)?.message;
  const isElsewhere = error && !stage.fields.some(({ name }) => faultOf(name));

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      {stage.fields.length > 0 && (
        <div id={formId} hidden={!open} className="grid gap-3 sm:grid-cols-2">
          {stage.fields.map((field) => (
            <ParamInput key={field.name} id={`${formId}-${field.name}`} field={field} fault={faultOf(field.name)} />
          ))}
        </div>
      )}
      {isElsewhere && <Refusal error={error} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" disabled={isPending}>
          <Play aria-hidden className="size-3.5" /> Run {stage.name}
        </Button>
        {stage.fields.length > 0 && (
          <Button look="quiet" aria-expanded={open} aria-controls={formId} onClick={() => setOpen(!open)}>
            <Settings2 aria-hidden className="size-4" /> Parameters
          </Button>
        )}
        <span role="status" className="text-sm text-ink-soft">
          {started !== null && `Run #${started} accepted.`}
        </span>
      </div>
    </form>
  );
}
