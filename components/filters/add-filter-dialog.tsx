"use client";
import { useId, useState } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input, Select } from "#components/ui/field";
import { CALL_KEYS, type Filtered, type FilterField, fieldOf, keyOfParam, SYSTEM_KEYS } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { readFilterParams } from "#lib/filters/params";

const HINTS: Record<FilterField["kind"], string> = {
  choice: "",
  text: "The whole text; ~part for a part of it, * for any.",
  words: "A part of it; =text for the whole, * for any.",
  search: "Part of what the list searches; #12 is number 12.",
  number: "10, 10..100, 10.. or ..100",
  duration: "30s..5m, 2h.. or ..90s",
  time: "7d for the last seven days, or 2026-03-01T00:00:00Z..2026-03-02T00:00:00Z",
};

/** One condition, written the way the address writes it. */
export function AddFilterDialog({ of, open, onOpenChange, onAdd }: { of: Filtered; open: boolean; onOpenChange: (open: boolean) => void; onAdd: (condition: FilterTree | null) => void }) {
  const id = useId();
  const [param, setParam] = useState(of === "call" ? "subject" : "outcome");
  const [fault, setFault] = useState<string>();
  const isNamed = param === "annotation." || param === "subject.";
  const field = fieldOf(keyOfParam(param, of) ?? "any");

  function submit(form: FormData) {
    const value = String(form.get("value") ?? "").trim();
    const name = `${form.get("not") ? "not." : ""}${param}${isNamed ? String(form.get("name") ?? "").trim() : ""}`;
    if (!value) return setFault("Say what to look for.");
    const read = readFilterParams(new URLSearchParams([[name, value]]), of);
    const [first] = read.faults;
    if (first) return setFault(`This ${first.message}.`);
    setFault(undefined);
    onAdd(read.tree);
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Add a filter">
      <form action={submit} className="grid gap-3">
        <Field id={`${id}-field`} label="Field">
          <Select id={`${id}-field`} value={param} onChange={(event) => (setParam(event.target.value), setFault(undefined))} aria-describedby={`${id}-field-hint`}>
            {(of === "call" ? CALL_KEYS : SYSTEM_KEYS).map((key) => <option key={key} value={fieldOf(key)?.param}>{fieldOf(key)?.label}</option>)}
            {of === "run" && <option value="subject.">About (symbol, account, sender …)</option>}
            {of === "run" && <option value="annotation.">Annotation</option>}
          </Select>
        </Field>
        {isNamed && (
          <Field id={`${id}-name`} label={param === "subject." ? "Subject" : "Key"} hint={param === "subject." ? "Such as symbol" : "Such as team"}>
            <Input id={`${id}-name`} name="name" required aria-describedby={`${id}-name-hint`} autoComplete="off" />
          </Field>
        )}
        <Field id={`${id}-value`} label="Value" hint={HINTS[isNamed ? "text" : (field?.kind ?? "text")]} fault={fault}>
          {field?.choices && !isNamed ? (
            <Select id={`${id}-value`} key={param} name="value" aria-describedby={`${id}-value-hint`}>
              {field.choices.map((choice) => <option key={choice}>{choice}</option>)}
            </Select>
          ) : (
            <Input id={`${id}-value`} key={param} name="value" aria-describedby={`${id}-value-hint`} aria-invalid={fault ? true : undefined} autoComplete="off" spellCheck={false} />
          )}
        </Field>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" name="not" className="size-4 accent-(--accent)" /> Leave these {of === "call" ? "calls" : "runs"} out
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button type="submit" look="primary">Add filter</Button>
        </div>
      </form>
    </Dialog>
  );
}
