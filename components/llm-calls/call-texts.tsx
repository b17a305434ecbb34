"use client";
import { CallText } from "#components/llm-calls/call-text";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { JsonView } from "#components/ui/json-view";
import type { CallDetail } from "#lib/llm-calls/queries";

/** What was asked and answered. AI text is only ever text here: no markup, no pictures, no links. */
export function CallTexts({ call }: { call: CallDetail }) {
  if (call.hidden) return <HiddenPayload label="Prompt and answer" />;
  const gone = call.prompt === null && call.systemPrompt === null && call.responseRaw === null ? "not there: it was never recorded, or removed by retention." : "none.";
  return (
    <div className="grid min-w-0 gap-4">
      {call.responseParsed === null ? <p className="text-sm text-ink-soft"><span className="text-xs font-semibold">Parsed answer</span> · {call.status === "ok" ? gone : "there is none that fits."}</p> : <JsonView label="Parsed answer" of={`call ${call.id}`} value={call.responseParsed} />}
      <CallText label="Prompt" text={call.prompt} none={gone} />
      <CallText label="System prompt" text={call.systemPrompt} none={gone} />
      <CallText label="Raw answer" text={call.responseRaw} none={call.provider === "local" ? "the local analyser answers in values, not in words." : gone} />
    </div>
  );
}
