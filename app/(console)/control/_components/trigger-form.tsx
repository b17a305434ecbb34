"use client";
import { ListEnd, Play, Settings2 } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useId, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Field, Select } from "#components/ui/field";
import { ON_BUSY, type OnBusy } from "#lib/engine/on-busy";
import type { Triggered } from "#lib/engine/trigger";
import { PRIORITY_WORDS, RUN_PRIORITIES, type RunPriority } from "#lib/runs/rules";
import type { StageCard } from "#lib/stages/queries";
import type { ActionError } from "#lib/web/action";
import { triggerRunAction } from "../actions";
import { ParamInput } from "#components/pipelines/param-input";
import { readParams } from "#components/pipelines/read-params";
import { Refusal } from "#components/pipelines/refusal";

const BUSY_WORDS: Record<OnBusy, string> = { reject: "refuse this one", join: "join that run", queue: "stand in line behind it" };

/** A stage's parameters as a form, folded away while their defaults will do, and the button that starts it. */
export function TriggerForm({ stage }: { stage: Pick<StageCard, "pipeline" | "name" | "fields" | "onBusy"> }) {
  const formId = useId();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<ActionError | null>(null);
  const [started, setStarted] = useState<Triggered | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    trigger(new FormData(event.currentTarget));
  }

  function trigger(form: FormData, onBusy = form.get("on-busy") as OnBusy | null) {
    const params = readParams(stage.fields, form);
    startTransition(async () => {
      const result = await triggerRunAction({ pipeline: stage.pipeline, stage: stage.name, params, priority: form.get("priority") as RunPriority, ...(onBusy && { onBusy }) });
      setError(result.ok ? null : result.error);
      setStarted(result.ok ? result.value : null);
      // A fault that stands in a folded form would not be seen.
      if (!result.ok && result.error.faults.length > 0) setOpen(true);
    });
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path.split(".").at(-1) === name)?.message;
  const isElsewhere = error && !stage.fields.some(({ name }) => faultOf(name));

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <div id={formId} hidden={!open} className="grid gap-3 sm:grid-cols-2">
        {stage.fields.map((field) => (
          <ParamInput key={field.name} id={`${formId}-${field.name}`} field={field} fault={faultOf(field.name)} />
        ))}
        <Field id={`${formId}-busy`} label="While another run goes on" hint="One run of a stage goes on at a time.">
          <Select id={`${formId}-busy`} name="on-busy" defaultValue={stage.onBusy} aria-describedby={`${formId}-busy-hint`}>
            {ON_BUSY.map((choice) => (
              <option key={choice} value={choice}>
                {BUSY_WORDS[choice]}
              </option>
            ))}
          </Select>
        </Field>
        <Field id={`${formId}-priority`} label="Priority" hint="Whose units the workers take first.">
          <Select id={`${formId}-priority`} name="priority" defaultValue="normal" aria-describedby={`${formId}-priority-hint`}>
            {RUN_PRIORITIES.map((choice) => (
              <option key={choice} value={choice}>
                {PRIORITY_WORDS[choice]}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {isElsewhere && <Refusal error={error} />}
      {isElsewhere && error.code === "CONFLICT" && (
        <Button size="sm" className="self-start" disabled={isPending} onClick={(event) => event.currentTarget.form && trigger(new FormData(event.currentTarget.form), "queue")}>
          <ListEnd aria-hidden className="size-3.5" /> Stand in line
        </Button>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" disabled={isPending} className="min-w-40 justify-start">
          <Play aria-hidden className="size-3.5" /> Run {stage.name}
        </Button>
        <Button look="quiet" aria-expanded={open} aria-controls={formId} onClick={() => setOpen(!open)}>
          <Settings2 aria-hidden className="size-4" /> Parameters
        </Button>
        <span role="status" className="text-sm text-ink-soft">
          {started && (
            <>
              {started.joined ? "Joined" : "Run"}{" "}
              <Link href={`/runs/${started.runId}`} className="font-mono text-accent hover:underline">
                #{started.runId}
              </Link>{" "}
              {started.joined ? "which goes on already." : started.inLine ? "stands in line." : "accepted."}
            </>
          )}
        </span>
      </div>
    </form>
  );
}
