"use client";
import { useState } from "react";
import { useNow } from "#components/layout/clock";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { Field, Input, Select } from "#components/ui/field";
import { JsonDiffView } from "#components/ui/json-diff-view";
import { TextDiffView } from "#components/ui/text-diff-view";
import { formatRelative } from "#lib/format/time";
import type { CallDetail } from "#lib/llm-calls/queries";

/** What differs from another call: of the same template from a list, or any by its number. */
export function CallDiff({ call }: { call: CallDetail }) {
  const [other, setOther] = useState<CallDetail | null>(null);
  const [fault, setFault] = useState<string>();
  const now = new Date(useNow());

  async function choose(text: string) {
    setFault(undefined);
    const id = /^#?([1-9]\d{0,14})$/.exec(text.trim())?.[1];
    if (!id) return setFault("Give the number of a call, such as 12.");
    const answer = await readData<CallDetail>(`/api/v1/llm-calls/${id}`);
    if (answer.ok) setOther(answer.data);
    else setFault(answer.message);
  }

  return (
    <div className="grid gap-4">
      <form action={(form) => choose(String(form.get("number") ?? ""))} className="flex flex-wrap items-end gap-3">
        {call.alike.length > 0 && (
          <Field id="alike" label="Earlier call">
            <Select id="alike" value={other && call.alike.some(({ id }) => id === other.id) ? String(other.id) : ""} onChange={(event) => event.target.value && void choose(event.target.value)} aria-describedby="alike-hint">
              <option value="">Choose one</option>
              {call.alike.map((link) => (
                <option key={link.id} value={link.id}>#{link.id} {link.status}, {link.subject ?? "no subject"}, {formatRelative(new Date(link.createdAt), now)}</option>
              ))}
            </Select>
          </Field>
        )}
        <Field id="number" label="Or by its number" fault={fault}>
          <Input id="number" name="number" inputMode="numeric" aria-describedby="number-hint" aria-invalid={fault ? true : undefined} autoComplete="off" />
        </Field>
        <Button type="submit">Compare</Button>
      </form>
      {call.alike.length === 0 && !other && <p className="text-sm text-ink-soft">There is no earlier call of its kind.</p>}
      {other && (
        <div className="grid min-w-0 gap-4">
          <p role="status" className="text-sm text-ink-soft">#{other.id} is the older side (−), #{call.id} the newer (+).</p>
          <TextDiffView label="Prompt" before={other.prompt} after={call.prompt} />
          <TextDiffView label="System prompt" before={other.systemPrompt} after={call.systemPrompt} />
          <TextDiffView label="Raw answer" before={other.responseRaw} after={call.responseRaw} />
          <JsonDiffView label="Parsed answer" before={JSON.stringify(other.responseParsed)} after={JSON.stringify(call.responseParsed)} beforeName={`#${other.id}`} afterName={`#${call.id}`} />
        </div>
      )}
    </div>
  );
}
