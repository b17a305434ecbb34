"use client";
import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";
import { Field, Input } from "#components/ui/field";
import type { NewFactor } from "#lib/auth/account";
import type { ActionResult } from "#lib/web/action";
import { beginSecondFactorAction, confirmSecondFactorAction, dropOwnSecondFactorAction } from "../actions";

/** Turns the second factor on, in two steps, or off. */
export function SecondFactor({ isOn }: { isOn: boolean }) {
  const router = useRouter();
  const [factor, setFactor] = useState<NewFactor | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, start] = useTransition();

  function send<T>(event: FormEvent<HTMLFormElement>, field: string, act: (typed: string) => Promise<ActionResult<T>>, then: (value: T) => void) {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = String(new FormData(form).get(field));
    start(async () => {
      const result = await act(typed).catch(() => null);
      setFault(result?.ok ? null : (result?.error.message ?? "The server cannot be reached. Try again."));
      if (!result?.ok) return;
      form.reset();
      then(result.value);
    });
  }

  if (factor) {
    return (
      <form className="flex max-w-xl flex-col gap-3 px-4 pb-5 sm:px-6" onSubmit={(event) => send(event, "code", (code) => confirmSecondFactorAction({ code }), () => { setFactor(null); router.refresh(); })}>
        <p>Enter this key in your authenticator app, or <a className="text-accent underline" href={factor.uri}>open it there</a>:</p>
        <Secret text={factor.secret} label="Copy the key" />
        <p>Keep these codes where you find them without the app. Each signs you in once; they are shown this once:</p>
        <ul className="grid grid-cols-2 gap-1 font-mono text-sm sm:grid-cols-3" aria-label="Backup codes">{factor.backupCodes.map((code) => <li key={code}>{code}</li>)}</ul>
        <CopyButton text={factor.backupCodes.join("\n")} label="Copy the backup codes" />
        <Fault text={fault} />
        <Field id="factor-code" label="Code that the app shows now">
          <Input id="factor-code" name="code" required autoComplete="one-time-code" inputMode="numeric" maxLength={10} className="max-w-40 font-mono" />
        </Field>
        <p className="flex gap-2">
          <Button type="submit" look="primary" disabled={isBusy}>Turn on</Button>
          <Button onClick={() => setFactor(null)}>Keep it off</Button>
        </p>
      </form>
    );
  }
  return (
    <form
      className="flex max-w-sm flex-col gap-3 px-4 pb-5 sm:px-6"
      onSubmit={(event) => (isOn ? send(event, "password", (password) => dropOwnSecondFactorAction({ password }), () => router.refresh()) : send(event, "password", (password) => beginSecondFactorAction({ password }), setFactor))}
    >
      <p className="text-ink-soft">{isOn ? "At each sign-in a code of your authenticator app is asked for." : "Ask for a code of an authenticator app at each sign-in, besides the password."}</p>
      <Fault text={fault} />
      <Field id="factor-password" label="Password, to be sure it is you">
        <Input id="factor-password" name="password" type="password" required autoComplete="current-password" />
      </Field>
      <p>
        <Button type="submit" disabled={isBusy}>{isOn ? "Turn off the second factor" : "Set up a second factor"}</Button>
      </p>
    </form>
  );
}

const Secret = ({ text, label }: { text: string; label: string }) => (
  <p className="flex items-center gap-2">
    <code className="min-w-0 rounded-sm bg-sunken px-2 py-1 font-mono text-sm break-all">{text}</code>
    <CopyButton text={text} label={label} />
  </p>
);
