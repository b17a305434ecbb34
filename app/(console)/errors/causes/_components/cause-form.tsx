"use client";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ComponentProps, type FormEvent, type ReactNode, useState, useTransition } from "react";
import { Button, buttonClass } from "#components/ui/button";
import { Field, Input, Select } from "#components/ui/field";
import type { CauseRule } from "#lib/causes/rules";
import type { ActionError } from "#lib/web/action";
import { createCauseRuleAction, saveCauseRuleAction } from "../../actions";

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? "");

/** A cause, new or as it is: what to look for, where, and what to tell whoever meets it. */
export function CauseForm({ rule, choices, home }: { rule: CauseRule | null; choices: { pipeline: string; stages: string[] }[]; /** The list, to which saving leads back. */ home: string }) {
  const router = useRouter();
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [pipeline, stage] = textOf(form, "where").split("/");
    const input = {
      kind: textOf(form, "kind") === "wildcard" ? ("wildcard" as const) : ("contains" as const),
      pattern: textOf(form, "pattern"),
      title: textOf(form, "title"),
      hint: textOf(form, "hint"),
      pipeline: pipeline ?? "",
      stage: stage ?? "",
      position: Number(textOf(form, "position")),
      enabled: form.get("enabled") !== null,
    };
    startTransition(async () => {
      const result = rule ? await saveCauseRuleAction({ id: rule.id, ...input }) : await createCauseRuleAction(input);
      setError(result.ok ? null : result.error);
      if (result.ok) router.push(home as Route);
    });
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path === name)?.message;
  const where = rule?.pipeline ? [rule.pipeline, rule.stage].filter(Boolean).join("/") : "";

  return (
    <form onSubmit={submit} noValidate className="grid max-w-4xl gap-x-4 gap-y-3 px-4 pb-5 sm:grid-cols-2 sm:px-6">
      <Labelled id="cause-pattern" label="Look for" hint="In the class and message of the error; upper and lower case are alike" fault={faultOf("pattern")}>
        {(control) => <Input {...control} name="pattern" defaultValue={rule?.pattern} maxLength={300} className="font-mono" />}
      </Labelled>
      <Labelled id="cause-kind" label="As" hint="“connection * refused” fits whatever stands between" fault={faultOf("kind")}>
        {(control) => (
          <Select {...control} name="kind" defaultValue={rule?.kind ?? "contains"}>
            <option value="contains">Exactly these characters</option>
            <option value="wildcard">A pattern in which * is any text</option>
          </Select>
        )}
      </Labelled>
      <Labelled id="cause-where" label="Where" hint="Only errors of this pipeline or stage" fault={faultOf("pipeline") ?? faultOf("stage")}>
        {(control) => (
          <Select {...control} name="where" defaultValue={where}>
            <option value="">Everywhere</option>
            {where && !choices.some(({ pipeline, stages }) => where === pipeline || stages.some((stage) => where === `${pipeline}/${stage}`)) && <option value={where}>{where}</option>}
            {choices.map(({ pipeline, stages }) => (
              <optgroup key={pipeline} label={pipeline}>
                <option value={pipeline}>All of {pipeline}</option>
                {stages.map((stage) => (
                  <option key={stage} value={`${pipeline}/${stage}`}>{stage}</option>
                ))}
              </optgroup>
            ))}
          </Select>
        )}
      </Labelled>
      <Labelled id="cause-position" label="Position" hint="Lower ones are asked first; the first that fits is shown" fault={faultOf("position")}>
        {(control) => <Input {...control} name="position" type="number" min={0} max={10_000} defaultValue={rule?.position ?? 0} />}
      </Labelled>
      <div className="sm:col-span-2">
        <Labelled id="cause-title" label="The cause" hint="In a few words, as a person would say it" fault={faultOf("title")}>
          {(control) => <Input {...control} name="title" defaultValue={rule?.title} maxLength={120} />}
        </Labelled>
      </div>
      <div className="sm:col-span-2">
        <Labelled id="cause-hint" label="What to do" fault={faultOf("hint")}>
          {(control) => <textarea {...control} name="hint" defaultValue={rule?.hint} maxLength={1_000} rows={3} className="w-full rounded-md border border-line-strong bg-surface px-2 py-1.5 text-base aria-invalid:border-failed" />}
        </Labelled>
      </div>
      <label className="flex min-h-8 items-center gap-2 sm:col-span-2">
        <input type="checkbox" name="enabled" defaultChecked={rule?.enabled ?? true} className="size-4 accent-accent" /> In use
      </label>
      {error && error.faults.length === 0 && <p role="alert" className="font-medium text-failed sm:col-span-2">{error.message}</p>}
      <div className="flex gap-2 sm:col-span-2">
        <Button type="submit" look="primary" disabled={isPending}>{rule ? "Save the cause" : "Add the cause"}</Button>
        <Link href={home as Route} className={buttonClass("quiet")}>Back to known causes</Link>
      </div>
    </form>
  );
}

type Control = Pick<ComponentProps<"input">, "id" | "aria-describedby" | "aria-invalid">;

function Labelled({ id, label, hint, fault, children }: { id: string; label: string; hint?: string; fault?: string; children: (control: Control) => ReactNode }) {
  return (
    <Field id={id} label={label} hint={hint} fault={fault}>
      {children({ id, "aria-describedby": `${id}-hint`, "aria-invalid": fault !== undefined || undefined })}
    </Field>
  );
}
