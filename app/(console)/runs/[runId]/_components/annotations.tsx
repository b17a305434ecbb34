"use client";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useId, useState, useTransition } from "react";
import { useMay } from "#components/access";
import { Button } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";
import { IconButton } from "#components/ui/icon-button";
import { Input } from "#components/ui/field";
import type { AnnotationRow } from "#lib/annotations/queries";
import { MAX_KEY_LENGTH, MAX_PER_RUN, MAX_VALUE_LENGTH } from "#lib/annotations/fields";
import { SYSTEM_PREFIX } from "#lib/filters/fields";
import { deleteAnnotationAction, setAnnotationAction } from "../actions";

/** What people and programs noted on a run, as key and value: read, added, changed and removed here. */
export function Annotations({ runId, annotations }: { runId: number; annotations: Pick<AnnotationRow, "key" | "value">[] }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const [isAdding, setAdding] = useState(false);
  const mayAnnotate = useMay("runs.annotate");

  function remove(key: string) {
    startTransition(async () => {
      const result = await deleteAnnotationAction({ runId, key });
      setFault(result.ok ? null : result.error.message);
    });
  }

  return (
    <div className="px-4 pb-5 sm:px-6">
      {annotations.length === 0 && !isAdding && <p className="mb-2 text-sm text-ink-soft">None yet. A note such as team = billing can be filtered by in the list of runs.</p>}
      <dl className="divide-y divide-line border-y empty:hidden">
        {annotations.map(({ key, value }) =>
          editing === key ? (
            <div key={key} className="py-2">
              <AnnotationForm runId={runId} initial={{ key, value }} onDone={() => setEditing(null)} />
            </div>
          ) : (
            <div key={key} className="group grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-start gap-3 py-1 text-sm">
              <dt className="py-1 font-mono text-xs leading-5 [overflow-wrap:anywhere]"><bdi>{key}</bdi></dt>
              <dd dir="auto" className="max-h-40 overflow-y-auto py-1 whitespace-pre-wrap [overflow-wrap:anywhere]">{value}</dd>
              <dd className="flex items-center">
                <CopyButton text={value} label={`Copy the value of ${key}`} />
                {mayAnnotate && !key.startsWith(SYSTEM_PREFIX) && (
                  <>
                    <IconButton label={`Change ${key}`} onClick={() => setEditing(key)}><Pencil aria-hidden className="size-3.5" /></IconButton>
                    <IconButton label={`Remove ${key}`} disabled={isPending} onClick={() => remove(key)}><Trash2 aria-hidden className="size-3.5" /></IconButton>
                  </>
                )}
              </dd>
            </div>
          ),
        )}
      </dl>
      {fault && <p role="alert" className="mt-2 text-sm text-failed">{fault}</p>}
      <div className="mt-2">
        {!mayAnnotate ? null : isAdding ? (
          <AnnotationForm runId={runId} onDone={() => setAdding(false)} />
        ) : annotations.length < MAX_PER_RUN ? (
          <Button size="sm" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-3.5" /> Add annotation
          </Button>
        ) : (
          <p className="text-sm text-ink-soft">A run has {MAX_PER_RUN} annotations at most. Remove one to add another.</p>
        )}
      </div>
    </div>
  );
}

/** Somebody has just asked for this form. */
const takeFocus = (control: HTMLElement | null) => control?.focus();

function AnnotationForm({ runId, initial, onDone }: { runId: number; initial?: { key: string; value: string }; onDone: () => void }) {
  const id = useId();
  const [faults, setFaults] = useState<{ key?: string; value?: string; other?: string }>({});
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const key = initial?.key ?? String(form.get("key"));
    startTransition(async () => {
      const result = await setAnnotationAction({ runId, key, value: String(form.get("value")) });
      if (result.ok) return onDone();
      const of = (path: string) => result.error.faults.find((fault) => fault.path === path)?.message;
      setFaults({ key: of("key"), value: of("value"), other: of("key") || of("value") ? undefined : result.error.message });
    });
  }

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-2 sm:flex-row sm:items-start">
      <div className="min-w-0 flex-2">
        <label htmlFor={`${id}-key`} className="sr-only">Key</label>
        <Input id={`${id}-key`} name="key" placeholder="Key" defaultValue={initial?.key} disabled={initial !== undefined} ref={initial ? undefined : takeFocus} maxLength={2 * MAX_KEY_LENGTH} autoComplete="off" aria-invalid={faults.key ? true : undefined} aria-describedby={`${id}-fault`} className="font-mono text-xs" />
      </div>
      <div className="min-w-0 flex-3">
        <label htmlFor={`${id}-value`} className="sr-only">Value</label>
        <textarea id={`${id}-value`} name="value" dir="auto" rows={1} placeholder="Value" defaultValue={initial?.value} ref={initial ? takeFocus : undefined} maxLength={2 * MAX_VALUE_LENGTH} aria-invalid={faults.value ? true : undefined} aria-describedby={`${id}-fault`} className="field-sizing-content max-h-40 min-h-8 w-full min-w-0 resize-y rounded-md border border-line-strong bg-surface px-2 py-1.5 text-base text-ink placeholder:text-ink-soft" />
        <p id={`${id}-fault`} role="alert" className="text-xs font-medium text-failed empty:hidden">
          {faults.key ?? faults.value ?? faults.other}
        </p>
      </div>
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={isPending}>{initial ? "Save value" : "Set annotation"}</Button>
        <Button onClick={onDone}>Close</Button>
      </div>
    </form>
  );
}
