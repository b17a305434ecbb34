"use client";
import { type FormEvent, type ReactNode, useId, useState, useTransition } from "react";
import { Button, type ButtonLook } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import type { ActionResult } from "#lib/web/action";

/** An act that wants a reason: what it does is said first, and the reason is told in the feed. */
export function SwitchButton({ word, look = "plain", size = "md", title, says, mustSayWhy, act }: {
  word: ReactNode;
  look?: ButtonLook;
  size?: "md" | "sm";
  title: string;
  says: string[];
  mustSayWhy: boolean;
  act: (reason: string) => Promise<ActionResult<unknown>>;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "").trim();
    if (mustSayWhy && reason === "") return setFault("Say why: whoever meets it will ask.");
    startTransition(async () => {
      const result = await act(reason);
      setFault(result.ok ? null : result.error.message);
      if (result.ok) setOpen(false);
    });
  }

  return (
    <>
      <Button look={look} size={size} onClick={() => { setFault(null); setOpen(true); }}>{word}</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={title}
        description={<ul className="list-disc space-y-1 pl-5">{says.map((line) => <li key={line}>{line}</li>)}</ul>}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it as it is</Button>
            <Button look={look === "danger" ? "danger" : "primary"} type="submit" form={`${id}-form`} disabled={isPending}>{word}</Button>
          </>
        }
      >
        <form id={`${id}-form`} onSubmit={submit} noValidate>
          <Field id={id} label="Reason" hint={mustSayWhy ? "Told in the activity feed and in the log" : "Told in the activity feed; may be left out"} fault={fault ?? undefined}>
            <Input id={id} name="reason" maxLength={500} autoComplete="off" aria-describedby={`${id}-hint`} aria-invalid={fault !== null || undefined} />
          </Field>
        </form>
      </Dialog>
    </>
  );
}
