"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { Button, buttonClass } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import { isLocalModel, LOCAL_MODELS, STARTING_CASH } from "#lib/backtests/fields";
import { formatCount } from "#lib/format/number";
import type { ActionError } from "#lib/web/action";
import { startJobAction } from "../actions";

type FormProps = { symbols: { symbol: string; first: string; last: string }[]; models: string[]; from: string; to: string };

/** Dates, models and symbols of a new job. What is refused is said at its field, or with the way to the job in the way. */
export function StartForm({ symbols, models, from, to }: FormProps) {
  const router = useRouter();
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const chosen = form.getAll("model").map(String);
    startTransition(async () => {
      if (chosen.length === 0) return setError({ code: "INVALID", message: "Choose a model at least.", faults: [{ path: "models", message: "Choose a model at least." }], details: {} });
      const result = await startJobAction({
        params: {
          from: text("from"), to: text("to"), models: chosen.join(","), symbols: text("symbols"), replaceExisting: form.get("replaceExisting") !== null,
          ...(text("startingCash") !== "" && { startingCash: Number(text("startingCash")) }),
        },
      });
      setError(result.ok ? null : result.error);
      if (result.ok) router.push(`/backtests/${result.value.jobId}`);
    });
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path === name || path === `params.${name}`)?.message;
  const control = (name: string) => ({ id: `backtest-${name}`, name, "aria-describedby": `backtest-${name}-hint`, "aria-invalid": faultOf(name) !== undefined || undefined });
  const isSaid = ["from", "to", "models", "symbols", "startingCash"].some(faultOf);
  const { jobId } = error?.details ?? {};

  return (
    <form onSubmit={submit} noValidate className="grid max-w-4xl gap-x-4 gap-y-4 px-4 pb-8 sm:grid-cols-2 sm:px-6">
      <Field id="backtest-from" label="First date" hint="Empty: the day after each model's last" fault={faultOf("from")}>
        <Input {...control("from")} type="date" defaultValue={from} max={to} />
      </Field>
      <Field id="backtest-to" label="Last date" hint={`Prices go up to ${to}`} fault={faultOf("to")}>
        <Input {...control("to")} type="date" defaultValue={to} />
      </Field>
      <fieldset className="sm:col-span-2">
        <legend className="text-sm font-medium">Models</legend>
        <div className="mt-1 grid gap-x-4 sm:grid-cols-2">
          {models.map((model) => (
            <label key={model} className="flex min-h-9 items-start gap-2 py-1">
              <input type="checkbox" name="model" value={model} defaultChecked className="mt-0.5 size-4 shrink-0 accent-accent" />
              <span className="min-w-0">
                <span className="block font-medium">{model}</span>
                <span className="block text-xs text-ink-soft">{isLocalModel(model) ? LOCAL_MODELS[model] : "Asks the configured endpoint; every call is in the AI audit"}</span>
              </span>
            </label>
          ))}
        </div>
        {faultOf("models") && <p className="text-xs font-medium text-failed">{faultOf("models")}</p>}
      </fieldset>
      <Field id="backtest-symbols" label="Symbols" hint={`With commas between. Empty: all ${formatCount(symbols.length)} with daily prices`} fault={faultOf("symbols")}>
        <Input {...control("symbols")} list="backtest-known" autoComplete="off" spellCheck={false} maxLength={4_000} />
      </Field>
      <datalist id="backtest-known">
        {symbols.slice(0, 200).map(({ symbol, first, last }) => <option key={symbol} value={symbol}>{first} to {last}</option>)}
      </datalist>
      <Field id="backtest-startingCash" label="Starting cash" hint="For a model that has no portfolio yet" fault={faultOf("startingCash")}>
        <Input {...control("startingCash")} type="number" inputMode="decimal" min={1} step="any" defaultValue={STARTING_CASH} />
      </Field>
      <label className="flex min-h-8 items-start gap-2 sm:col-span-2">
        <input type="checkbox" name="replaceExisting" className="mt-0.5 size-4 shrink-0 accent-accent" />
        <span>
          <span className="block font-medium">Replace what is simulated already</span>
          <span className="block text-xs text-ink-soft">These dates and the models' later ones are superseded: kept as history, counted no more. Cannot be undone.</span>
        </span>
      </label>
      {error && !isSaid && (
        <p role="alert" className="text-sm font-medium break-words text-failed sm:col-span-2">
          {error.message}{" "}
          {typeof jobId === "string" && <Link href={`/backtests/${jobId}`} className="underline">Open that job</Link>}
        </p>
      )}
      <div className="flex gap-2 sm:col-span-2">
        <Button type="submit" look="primary" disabled={isPending}>{isPending ? "Starting" : "Start the backtest"}</Button>
        <Link href="/backtests" className={buttonClass("quiet")}>Back to backtests</Link>
      </div>
    </form>
  );
}
