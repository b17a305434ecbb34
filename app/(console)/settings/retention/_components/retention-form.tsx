"use client";
import { type FormEvent, useState, useTransition } from "react";
import { Time } from "#components/layout/clock";
import { Button } from "#components/ui/button";
import { Field, Input } from "#components/ui/field";
import type { SettingState } from "#lib/settings/fields";
import type { ActionError } from "#lib/web/action";
import { changeSettingsAction } from "../../actions";

type DaysKey = "runDays" | "payloadDays" | "auditDays";
/** A number of days with what is said of it: what declares it would bring its schema into the browser. */
export type DaysField = { key: DaysKey; label: string; description: string; usual: number; state: SettingState<DaysKey> };

/** Days by what they are of. What the environment says is shown, and cannot be changed here. */
export function RetentionForm({ fields }: { fields: DaysField[] }) {
  const [error, setError] = useState<ActionError | null>(null);
  const [said, setSaid] = useState("");
  const [isPending, startTransition] = useTransition();
  const open = fields.filter(({ state }) => state.fixedBy === null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // An empty field is no zero, which would keep things for ever.
    const values = Object.fromEntries(open.map(({ key }) => [key, form.get(key) === "" ? Number.NaN : Number(form.get(key))]));
    startTransition(async () => {
      const result = await changeSettingsAction({ values, versions: Object.fromEntries(open.map(({ key, state }) => [key, state.version])) });
      setError(result.ok ? null : result.error);
      setSaid(result.ok ? "Saved. Workers go by it from the next night on." : "");
    });
  }

  return (
    <form onSubmit={submit} noValidate className="grid max-w-4xl gap-x-4 gap-y-3 px-4 pb-5 sm:grid-cols-3 sm:px-6">
      {fields.map(({ key, label, description, usual, state: { value, fixedBy, changedAt, changedBy } }) => {
        const fault = error?.faults.find(({ path }) => path === `values.${key}`)?.message;
        return (
          <div key={key}>
            <Field id={key} label={label} hint={fixedBy ? `Set by ${fixedBy} in the environment, which wins` : description} fault={fault}>
              <Input id={key} name={key} type="number" min={0} max={36_500} defaultValue={value} disabled={fixedBy !== null} aria-describedby={`${key}-hint`} aria-invalid={fault !== undefined || undefined} />
            </Field>
            {!fixedBy && changedBy && <p className="text-xs text-ink-soft">Changed <Time date={changedAt} /> by {changedBy}; {usual} is usual</p>}
          </div>
        );
      })}
      {error && error.faults.length === 0 && <p role="alert" className="font-medium text-failed sm:col-span-3">{error.message}</p>}
      <div className="flex flex-wrap items-center gap-3 sm:col-span-3">
        <Button type="submit" look="primary" disabled={isPending || open.length === 0}>Save the days</Button>
        <span role="status" className="text-sm text-ink-soft">{said}</span>
      </div>
    </form>
  );
}
