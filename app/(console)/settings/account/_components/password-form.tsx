"use client";
import { type FormEvent, useState, useTransition } from "react";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import { changePasswordAction } from "../actions";

export function PasswordForm({ email }: { email: string }) {
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [fault, setFault] = useState<string | null>(null);
  const [isDone, setDone] = useState(false);
  const [isBusy, start] = useTransition();

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    start(async () => {
      const result = await changePasswordAction({ current: String(data.get("current")), password: String(data.get("password")) }).catch(() => null);
      setDone(result?.ok ?? false);
      setFault(result?.ok || (result && result.error.faults.length > 0) ? null : (result?.error.message ?? "The server cannot be reached. Try again."));
      setFaults(Object.fromEntries((result?.ok ? [] : (result?.error.faults ?? [])).map(({ path, message }) => [path, message])));
      if (result?.ok) form.reset();
    });
  }

  return (
    <form onSubmit={handleSubmit} className="flex max-w-sm flex-col gap-3 px-4 pb-5 sm:px-6">
      <Fault text={fault} />
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field id="current" label="Current password" fault={faults.current}>
        <Input id="current" name="current" type="password" required autoComplete="current-password" aria-invalid={Boolean(faults.current)} aria-describedby="current-hint" />
      </Field>
      <Field id="password" label="New password" hint="At least 12 characters" fault={faults.password && `It ${faults.password}`}>
        <Input id="password" name="password" type="password" required autoComplete="new-password" aria-invalid={Boolean(faults.password)} aria-describedby="password-hint" />
      </Field>
      <p className="flex items-center gap-3">
        <Button type="submit" disabled={isBusy}>Change password</Button>
        <span role="status" className="text-sm text-ink-soft">{isDone && "Changed. Every other browser is signed out."}</span>
      </p>
    </form>
  );
}
