"use client";
import { type FormEvent, useState, useTransition } from "react";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import { beginOidcAction, signInAction, verifyCodeAction } from "../actions";

type Props = { next: string; withProvider: boolean; wasRefused: boolean };

const UNREACHABLE = "The server cannot be reached. Check the connection, then try again.";
const REFUSED = "The provider did not sign you in. Try again, or ask an admin whether your account is disabled.";

/** Signs in, in one step or two, and goes on to `next`: with a whole new page, which nothing of before is part of. */
export function SignInForm({ next, withProvider, wasRefused }: Props) {
  const [step, setStep] = useState<"password" | "code">("password");
  const [fault, setFault] = useState(wasRefused ? REFUSED : null);
  const [isBusy, start] = useTransition();

  function handlePassword(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    start(async () => {
      const result = await signInAction({ email: String(form.get("email")), password: String(form.get("password")) }).catch(() => null);
      if (!result?.ok) return setFault(result?.error.message ?? UNREACHABLE);
      setFault(null);
      if (result.value === "code") setStep("code");
      else window.location.assign(next);
    });
  }

  function handleCode(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    start(async () => {
      const result = await verifyCodeAction({ code }).catch(() => null);
      if (!result?.ok) return setFault(result?.error.message ?? UNREACHABLE);
      window.location.assign(next);
    });
  }

  function handleProvider() {
    start(async () => {
      const result = await beginOidcAction({ next }).catch(() => null);
      if (!result?.ok) return setFault(result?.error.message ?? UNREACHABLE);
      window.location.assign(result.value);
    });
  }

  if (step === "code") {
    return (
      <form onSubmit={handleCode} className="flex flex-col gap-4">
        <div>
          <h1 className="text-title font-semibold">One more step</h1>
          <p className="mt-1 text-ink-soft">Type the six digits that your authenticator app shows, or one of your backup codes.</p>
        </div>
        <Fault text={fault} />
        <Field id="code" label="Code">
          <Input key="code" id="code" name="code" autoFocus required autoComplete="one-time-code" maxLength={40} className="h-10 font-mono" />
        </Field>
        <Button type="submit" look="primary" className="h-10" disabled={isBusy}>
          {isBusy ? "Signing in ..." : "Sign in"}
        </Button>
        <Button look="quiet" onClick={() => { setStep("password"); setFault(null); }}>
          Begin again
        </Button>
      </form>
    );
  }
  return (
    <form onSubmit={handlePassword} className="flex flex-col gap-4">
      <h1 className="text-title font-semibold">Sign in</h1>
      <Fault text={fault} />
      <Field id="email" label="E-mail">
        <Input id="email" name="email" type="email" required autoFocus autoComplete="username" maxLength={254} className="h-10" />
      </Field>
      <Field id="password" label="Password">
        <Input id="password" name="password" type="password" required autoComplete="current-password" maxLength={1_000} className="h-10" />
      </Field>
      <Button type="submit" look="primary" className="h-10" disabled={isBusy}>
        {isBusy ? "Signing in ..." : "Sign in"}
      </Button>
      {withProvider && (
        <Button className="h-10" onClick={handleProvider} disabled={isBusy}>
          Sign in with your organisation
        </Button>
      )}
      <p className="text-sm text-ink-soft">Forgotten the password? An admin can make a link that lets you set a new one.</p>
    </form>
  );
}
