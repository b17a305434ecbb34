"use client";
import { Gauge } from "lucide-react";
import { type FormEvent, useId, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import type { StageCard } from "#lib/stages/queries";
import { setLimitAction } from "../actions";

/** Changes how many units of a stage may be in flight at all workers together. */
export function LimitButton({ stage }: { stage: Pick<StageCard, "pipeline" | "name" | "limit" | "declaredLimit" | "inFlight"> }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const { limit, declaredLimit, inFlight } = stage;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("limit") ?? "").trim();
    startTransition(async () => {
      const result = await setLimitAction({ pipeline: stage.pipeline, stage: stage.name, limit: text === "" ? null : Number(text) });
      setFault(result.ok ? null : (result.error.faults[0]?.message ?? result.error.message));
      if (result.ok) setOpen(false);
    });
  }

  return (
    <>
      <Button look="quiet" size="sm" onClick={() => { setFault(null); setOpen(true); }}>
        <Gauge aria-hidden className="size-3.5" /> <span className="sr-only">Limit of {stage.name}: </span>
        {limit === null ? "No limit" : `${inFlight} of ${limit} in flight`}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Limit stage ${stage.name}`}
        description="Units of the stage that may be in flight at all workers together. What is in flight above a new limit ends."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Close</Button>
            <Button look="primary" type="submit" form={`${id}-form`} disabled={isPending}>
              Set the limit
            </Button>
          </>
        }
      >
        <form id={`${id}-form`} onSubmit={submit} noValidate>
          <Field id={id} label="Units in flight" hint={`Empty: as its definition says, ${declaredLimit === null ? "no limit" : declaredLimit}. To let nothing start, pause it.`} fault={fault ?? undefined}>
            <Input id={id} name="limit" type="number" inputMode="numeric" min={1} max={10_000} defaultValue={limit ?? ""} aria-describedby={`${id}-hint`} aria-invalid={fault ? true : undefined} />
          </Field>
        </form>
      </Dialog>
    </>
  );
}
