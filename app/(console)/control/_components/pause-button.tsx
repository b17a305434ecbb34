"use client";
import { Pause, Play } from "lucide-react";
import { type FormEvent, useId, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import { pauseAction, resumeAction } from "../actions";

type Target = { pipeline: string; stage?: string };

/** Pauses a stage or a pipeline, with a reason for those who will wonder; or lets it go on. */
export function PauseButton({ target, paused }: { target: Target; paused: boolean }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const name = target.stage ?? target.pipeline;

  function resume() {
    startTransition(async () => {
      const result = await resumeAction(target);
      setFault(result.ok ? null : result.error.message);
    });
  }

  function pause(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
    startTransition(async () => {
      const result = await pauseAction({ ...target, reason });
      setFault(result.ok ? null : result.error.message);
      if (result.ok) setOpen(false);
    });
  }

  return (
    <>
      {paused ? (
        <Button size="sm" disabled={isPending} onClick={resume}>
          <Play aria-hidden className="size-3.5" /> Resume {name}
        </Button>
      ) : (
        <Button look="quiet" size="sm" onClick={() => { setFault(null); setOpen(true); }}>
          <Pause aria-hidden className="size-3.5" /> Pause {name}
        </Button>
      )}
      {fault && !open && <p role="alert" className="text-sm text-failed">{fault}</p>}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={target.stage ? `Pause stage ${target.stage}?` : `Pause pipeline ${target.pipeline}?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>Nothing new {target.stage ? "of it" : "of any of its stages"} starts; units in flight end.</li>
            <li>Runs are still accepted, from schedules too. They wait, and begin when it is resumed.</li>
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Let it go on</Button>
            <Button look="primary" type="submit" form={`${id}-form`} disabled={isPending}>
              Pause {name}
            </Button>
          </>
        }
      >
        <form id={`${id}-form`} onSubmit={pause}>
          <Field id={id} label="Reason" hint="Shown to whoever meets a run that waits. May be left out." fault={fault ?? undefined}>
            <Input id={id} name="reason" maxLength={500} autoComplete="off" aria-describedby={`${id}-hint`} />
          </Field>
        </form>
      </Dialog>
    </>
  );
}
