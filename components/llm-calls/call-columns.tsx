"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { Elapsed, Time } from "#components/layout/clock";
import { CallCost } from "#components/llm-calls/call-cost";
import { callHref } from "#components/llm-calls/calls-href";
import { CallMark } from "#components/llm-calls/call-mark";
import { formatCount } from "#lib/format/number";
import { CALL_COLUMNS, type CallColumnId } from "#lib/llm-calls/fields";
import type { CallRow } from "#lib/llm-calls/queries";

const Cut = ({ text, mono = false }: { text: string | null; mono?: boolean }) =>
  text ? <span className={mono ? "block truncate font-mono text-xs leading-5" : "block truncate"} title={text}>{text}</span> : "–";
const counted = (n: number | null) => (n === null ? "–" : formatCount(n));
const Took = ({ call }: { call: CallRow }) => <Elapsed durationMs={call.durationMs} startedAt={call.createdAt} running={call.status === "running"} />;

/** How each field is drawn. A field without a cell does not compile. */
export const CALL_CELLS: Record<CallColumnId, (call: CallRow) => ReactNode> = {
  id: (call) => (
    <Link href={callHref(call.id)} data-row-link className="-mx-1 inline-flex min-h-6 items-center rounded-sm px-1 font-mono text-accent hover:underline">
      #{call.id}
    </Link>
  ),
  created: (call) => <Time date={call.createdAt} />,
  status: (call) => <CallMark status={call.status} />,
  stage: (call) => <Cut text={call.stage && `${call.pipeline} / ${call.stage}`} />,
  role: (call) => (
    <>
      <span className="block truncate font-semibold" title={call.role}>{call.role}</span>
      {/* The second line of a phone's row: what its hidden columns say. */}
      <span className="block truncate text-xs text-ink-soft sm:hidden">
        {call.subject && `${call.subject} · `}{call.costUsd !== null && <><CallCost call={call} /> · </>}<Took call={call} /> · {call.model}
      </span>
    </>
  ),
  subject: (call) => <Cut text={call.subject} />,
  template: (call) => <Cut text={call.template && `${call.template} ${call.templateVersion ?? ""}`} mono />,
  model: (call) => <Cut text={call.model} />,
  provider: (call) => <Cut text={call.provider} />,
  tokens: (call) => counted(call.totalTokens),
  input: (call) => counted(call.inputTokens),
  output: (call) => counted(call.outputTokens),
  cost: (call) => <CallCost call={call} />,
  duration: (call) => <Took call={call} />,
  attempt: (call) => call.attempt,
  run: (call) => (call.runId === null ? <span className="text-ink-soft" title="The run was deleted">–</span> : <Link href={`/runs/${call.runId}${call.stepSeq === null ? "" : `?step=${call.stepSeq}`}`} className="font-mono text-accent hover:underline">#{call.runId}</Link>),
  error: (call) => <Cut text={call.error} />,
};

/** From which width of the window on a column is shown, whatever a person chose. */
const FROM: Partial<Record<CallColumnId, string>> = {
  created: "max-md:hidden", stage: "max-lg:hidden", subject: "max-sm:hidden", template: "max-lg:hidden", model: "max-md:hidden", provider: "max-lg:hidden", tokens: "max-lg:hidden",
  input: "max-lg:hidden", output: "max-lg:hidden", cost: "max-sm:hidden", duration: "max-sm:hidden", attempt: "max-lg:hidden", run: "max-md:hidden", error: "max-xl:hidden",
};
const PHONE_WIDTH: Partial<Record<CallColumnId, string>> = { id: "max-sm:w-20", status: "max-sm:w-28" };

/** Classes of a column's cells. */
export const CALL_CELL_CLASS = Object.fromEntries(
  (Object.keys(CALL_COLUMNS) as CallColumnId[]).map((id) => [id, [FROM[id], CALL_COLUMNS[id].align === "end" && "text-right", id === "id" && "pl-4 sm:pl-6"].filter(Boolean).join(" ") || undefined]),
) as Record<CallColumnId, string | undefined>;

/** Classes of a column's header, which has its width in `--w`. */
export function callColumnClass(id: CallColumnId): string {
  return `${FROM[id] ?? ""} ${PHONE_WIDTH[id] ?? ""} sm:w-(--w) ${CALL_COLUMNS[id].align === "end" ? "text-right" : "text-left"} ${id === "id" ? "pl-4 sm:pl-6" : ""}`;
}
