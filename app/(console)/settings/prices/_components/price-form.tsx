"use client";
import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import type { ActionError } from "#lib/web/action";
import { addPriceAction } from "../../actions";

const FIELDS = [
  { name: "model", label: "Model", hint: "As calls name it", type: "text" },
  { name: "inputUsd", label: "Input", hint: "US dollars per million tokens; 0 is free", type: "number" },
  { name: "outputUsd", label: "Output", hint: "US dollars per million tokens", type: "number" },
  { name: "cachedUsd", label: "Cached input", hint: "What input costs, when left empty", type: "number" },
  { name: "provider", label: "Endpoint", hint: "Its host; empty for any", type: "text" },
  { name: "validFrom", label: "From (UTC)", hint: "Now, when left empty", type: "date" },
  { name: "source", label: "Source", hint: "Where the price stands", type: "text" },
] as const;

/** A new price. What is refused is said at its field, and nothing that was typed is lost. */
export function PriceForm({ models }: { models: string[] }) {
  const [error, setError] = useState<ActionError | null>(null);
  const [said, setSaid] = useState("");
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    const text = (name: string) => String(form.get(name) ?? "").trim() || undefined;
    startTransition(async () => {
      const result = await addPriceAction({
        model: text("model") ?? "", provider: text("provider"), inputUsd: text("inputUsd"), outputUsd: text("outputUsd"), cachedUsd: text("cachedUsd"), validFrom: text("validFrom"), source: text("source"),
      });
      setError(result.ok ? null : result.error);
      setSaid(result.ok ? `${text("model")} has its price.` : "");
      if (result.ok) element.reset();
    });
  }

  return (
    <form onSubmit={submit} noValidate className="grid max-w-5xl grid-cols-2 gap-x-4 gap-y-3 px-4 pb-5 sm:px-6 lg:grid-cols-4">
      {FIELDS.map(({ name, label, hint, type }) => {
        const fault = error?.faults.find(({ path }) => path === name)?.message;
        return (
          <Field key={name} id={`price-${name}`} label={label} hint={hint} fault={fault}>
            <Input id={`price-${name}`} name={name} type={type} min={0} step="any" list={name === "model" ? "price-models" : undefined} autoComplete="off" aria-describedby={`price-${name}-hint`} aria-invalid={fault !== undefined || undefined} />
          </Field>
        );
      })}
      <datalist id="price-models">{models.map((model) => <option key={model} value={model} />)}</datalist>
      {error && error.faults.length === 0 && <p role="alert" className="font-medium text-failed col-span-full">{error.message}</p>}
      <div className="flex flex-wrap items-center gap-3 col-span-full">
        <Button type="submit" look="primary" disabled={isPending}>Add the price</Button>
        <span role="status" className="text-sm text-ink-soft">{said}</span>
      </div>
    </form>
  );
}
