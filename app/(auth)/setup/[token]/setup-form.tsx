"use client";
import { type FormEvent, useState, useTransition } from "react";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import type { LinkKind } from "#lib/people/rules";
import { redeemLinkAction } from "./actions";

type Props = { token: string; kind: LinkKind; email: string | null; name: string | null; minLength: number };

const TITLES: Record<LinkKind, string> = { setup: "Make the first admin", invite: "Welcome to Penstock", reset: "Set a new password" };

export function SetupForm({ token, kind, email, name, minLength }: Props) {
  const [fault, setFault] = useState<string | null>(null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [isBusy, start] = useTransition();

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => String(form.get(field) ?? "");
    if (text("password") !== text("again")) return setFaults({ again: "is not the same password" });
    start(async () => {
      const who = kind === "setup" ? { email: text("email"), name: text("name") || undefined } : {};
      const result = await redeemLinkAction({ token, password: text("password"), ...who }).catch(() => null);
      if (result?.ok) return window.location.assign("/");
      const named = Object.fromEntries((result?.error.faults ?? []).map(({ path, message }) => [path, message]));
      setFaults(named);
      setFault(Object.keys(named).length > 0 ? null : (result?.error.message ?? "The server cannot be reached. Check the connection, then try again."));
    });
  }

  const field = (id: string, fallback?: string) => ({ id, fault: faults[id] && capital(faults[id]), hint: fallback });
  return (
    <form onSubmit={handleSubmit} className="flex flex-col gap-4">
      <div>
        <h1 className="text-title font-semibold">{TITLES[kind]}</h1>
        <p className="mt-1 text-ink-soft">{kind === "setup" ? "Whoever signs in with this may do everything, and can invite others." : `${name ?? ""}, ${email ?? ""}`}</p>
      </div>
      <Fault text={fault} />
      {kind === "setup" && (
        <>
          <Field {...field("email")} label="E-mail">
            <Input id="email" name="email" type="email" required autoFocus autoComplete="username" maxLength={254} aria-invalid={Boolean(faults.email)} aria-describedby="email-hint" className="h-10" />
          </Field>
          <Field {...field("name", "As others see it beside what you do")} label="Name">
            <Input id="name" name="name" autoComplete="name" maxLength={100} aria-invalid={Boolean(faults.name)} aria-describedby="name-hint" className="h-10" />
          </Field>
        </>
      )}
      {kind !== "setup" && <input type="hidden" name="username" autoComplete="username" value={email ?? ""} readOnly />}
      <Field {...field("password", `At least ${minLength} characters; a few unrelated words make a good one`)} label="Password">
        <Input id="password" name="password" type="password" required minLength={minLength} autoFocus={kind !== "setup"} autoComplete="new-password" aria-invalid={Boolean(faults.password)} aria-describedby="password-hint" className="h-10" />
      </Field>
      <Field {...field("again")} label="Password again">
        <Input id="again" name="again" type="password" required autoComplete="new-password" aria-invalid={Boolean(faults.again)} aria-describedby="again-hint" className="h-10" />
      </Field>
      <Button type="submit" look="primary" className="h-10" disabled={isBusy}>
        {isBusy ? "Saving ..." : kind === "setup" ? "Make admin and sign in" : "Set password and sign in"}
      </Button>
    </form>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
